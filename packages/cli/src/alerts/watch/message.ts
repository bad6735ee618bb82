import type { Culprit } from "../../investigate/culprits.ts";
import type { Evidence, Source } from "../../investigate/evidence.ts";
import type { Verdict } from "../../investigate/investigate.ts";
import { renderVerdict } from "../../investigate/verdict-text.ts";
import { printable } from "../../terminal/safe-text.ts";
import type { Alert } from "./notification.ts";
import { redactor } from "./redactor.ts";

/** Why a message is sent: an incident begins, somebody else is found at fault, or it is over. */
export type MessageKind = "opened" | "culprit-changed" | "over";

/** What an incident is called and how it stands, for its messages. */
export interface Told {
  readonly id: string;
  readonly openedAt: string;
  readonly alerts: readonly Alert[];
}

/** Where to read on. Null where nobody said. */
export interface Links {
  readonly dashboard: string | null;
  readonly runbook: string | null;
  readonly trace: string | null;
}

/** One message of an incident, without secrets: what `--webhook` is sent as JSON. */
export interface Message {
  /** The same in all messages of an incident. */
  readonly incident: string;
  readonly kind: MessageKind;
  /** When it was made, ISO 8601. */
  readonly at: string;
  /** Since when it is so: of the culprit where that is known, else of the first alert. */
  readonly since: string;
  readonly alerts: readonly Alert[];
  /** Null at the end, for which nobody is asked. */
  readonly verdict: Verdict["verdict"] | null;
  readonly culprit: Culprit | null;
  /** Where users see it: services with the routes on which requests fail or are late. */
  readonly blastRadius: Verdict["blastRadius"];
  /** What was changed at the culprit just before, in words. */
  readonly changed: readonly string[];
  /** What each claim stands on, with where it can be looked up. */
  readonly evidence: readonly Evidence[];
  readonly missing: readonly string[];
  readonly links: Links;
  /** All of it for a person. The first line is a sentence. */
  readonly text: string;
}

/** A verdict, or why there is none. */
export type Found = Verdict | { readonly failed: string };

const MAX_TEXT = 3_500;
const MAX_EVIDENCE = 5;
const MAX_ALERTS = 3;
// A message waits in memory and in a file.
const MAX_LISTED = 20;

/**
 * Who of those at fault is behind these alerts: whoever is on a way of a service that they name. Undefined where that
 * service told its traffic and none of them is; where nobody knows it, the worst is told.
 */
export function culpritFor(alerts: readonly Alert[], found: Found): Culprit | undefined {
  if ("failed" in found || found.verdict !== "culprit") return undefined;
  const services = new Set(alerts.flatMap(({ service }) => (service === null ? [] : [service])));
  const isNear = ({ service, path, callers }: Culprit): boolean =>
    [service, ...path, ...callers.map(({ name }) => name)].some((name) => services.has(name));
  const near = found.culprits.find(({ service }) => services.has(service)) ?? found.culprits.find(isNear);
  const isKnown = found.services.some((name) => services.has(name));
  const suffers = found.blastRadius.some(({ name }) => services.has(name.split(" ")[0]!));
  return near ?? (isKnown && !suffers ? undefined : found.culprits[0]);
}

/** Makes the message of what was found. @param traceUrl a link with `{traceId}` in it */
export function foundMessage(
  told: Told,
  kind: "opened" | "culprit-changed",
  found: Found,
  traceUrl: string | null,
  now: Date,
): Message {
  const culprit = culpritFor(told.alerts, found) ?? null;
  const verdict = "failed" in found ? null : found;
  const traceId = verdict?.trace?.traceId ?? culprit?.traceIds[0];
  const links: Links = {
    dashboard: firstOf(told.alerts, ({ dashboard }) => dashboard),
    runbook: firstOf(told.alerts, ({ runbook }) => runbook),
    trace:
      traceUrl === null || traceId === undefined
        ? null
        : traceUrl.replaceAll("{traceId}", encodeURIComponent(traceId)),
  };
  const message = {
    incident: told.id,
    kind,
    at: now.toISOString(),
    since: culprit?.since ?? firstStart(told.alerts),
    alerts: told.alerts,
    verdict: verdictOf(found, culprit),
    culprit: culprit === null ? null : (shortened(culprit) as Culprit),
    blastRadius: verdict?.blastRadius.slice(0, MAX_LISTED) ?? [],
    changed: culprit?.changes.map(({ what }) => what) ?? [],
    evidence: culprit?.evidence ?? [],
    missing: "failed" in found ? [`the investigation failed: ${found.failed}`] : found.missing,
    links,
  };
  const first = kind === "opened" ? [] : ["Somebody else is at fault now."];
  return redacted({
    ...message,
    text: linesOf([...first, ...verdictLines(told.alerts, found, culprit, now)], message),
  });
}

/** Makes the message that an incident is over. */
export function overMessage(told: Told, culprit: string | null, now: Date): Message {
  const minutes = Math.max(1, Math.round((now.getTime() - Date.parse(told.openedAt)) / 60_000));
  const by = culprit === null ? "" : ` It was ${printable(culprit)}.`;
  const message = {
    incident: told.id,
    kind: "over" as const,
    at: now.toISOString(),
    since: told.openedAt,
    alerts: told.alerts,
    verdict: null,
    culprit: null,
    blastRadius: [],
    changed: [],
    evidence: [],
    missing: [],
    links: { dashboard: null, runbook: null, trace: null },
  };
  return redacted({ ...message, text: linesOf([`It is over, after ${minutes} min.${by}`], message) });
}

function verdictOf(found: Found, culprit: Culprit | null): Verdict["verdict"] {
  if ("failed" in found) return "cannot-tell";
  return found.verdict === "culprit" && culprit === null ? "nothing" : found.verdict;
}

function verdictLines(alerts: readonly Alert[], found: Found, culprit: Culprit | null, now: Date): string[] {
  if ("failed" in found) return ["Cannot tell who is at fault.", "", found.failed];
  const others = found.culprits.filter((one) => one !== culprit);
  const culprits = culprit === null ? found.culprits : [culprit, ...others];
  const lines = renderVerdict({ ...found, culprits, trace: null, lines: [] }, { now })
    .trimEnd()
    .split("\n");
  if (found.verdict !== "culprit" || culprit !== null) return lines;
  const service = firstOf(alerts, (alert) => alert.service) ?? "";
  return [`Nobody on a way of ${printable(service)} is at fault. Elsewhere:`, "", ...lines];
}

type Unworded = Omit<Message, "text">;

function linesOf(lines: readonly string[], { alerts, evidence, links }: Unworded): string {
  const facts = [
    ...alerts.slice(0, MAX_ALERTS).map((one, i) => fact(i === 0 ? "alert" : "", alertText(one))),
    ...evidence
      .slice(0, MAX_EVIDENCE)
      .map((one, i) => fact(i === 0 ? "evidence" : "", `${one.claim}: ${sourceText(one.source)}`)),
    ...Object.entries(links).flatMap(([name, url]) => (url === null ? [] : [fact(name, url)])),
  ];
  const more = alerts.length - MAX_ALERTS;
  return [...lines, "", ...facts, ...(more > 0 ? [`  and ${more} more alerts`] : [])].join("\n");
}

const shortened = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).map(([name, of]) => [name, Array.isArray(of) ? of.slice(0, MAX_LISTED) : of]),
  );

const fact = (name: string, value: string): string => `  ${name.padEnd(9)}  ${printable(value)}`;

function sourceText(source: Source): string {
  if (source.kind === "trace") return `trace ${source.traceId}`;
  if (source.kind === "change") return `${source.instance} at ${source.at}`;
  return source.kind === "series" ? `${source.service} counts it` : `${source.service} tells it`;
}

const alertText = ({ name, service, priority, summary }: Alert): string =>
  [name, summary === "" ? (service ?? "") : summary, priority === null ? "" : `(${priority})`]
    .filter((part) => part !== "")
    .join(" ");

const firstStart = (alerts: readonly Alert[]): string => alerts.map(({ startsAt }) => startsAt).sort()[0]!;

const firstOf = (alerts: readonly Alert[], of: (alert: Alert) => string | null): string | null =>
  alerts.map(of).find((link) => link !== null) ?? null;

// The text is cut after that: of a secret that straddles the cut nothing stays.
function redacted(message: Message): Message {
  const { text, ...facts } = message;
  return { ...(redactor.redactValue(facts) as Unworded), text: redactor.redactText(text, MAX_TEXT) };
}
