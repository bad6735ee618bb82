import type { HotFunction } from "../profile/hottest.ts";
import { placeOf } from "../profile/profile-text.ts";
import { percent } from "../stat/stat-text.ts";
import { printable } from "../terminal/safe-text.ts";
import { type Paint, plain } from "../terminal/terminal.ts";
import { failure, renderWaterfall } from "../view/waterfall.ts";
import type { ChangeEvidence } from "./changes.ts";
import type { Culprit } from "./culprits.ts";
import type { Verdict } from "./investigate.ts";
import type { Fault, Share, Suspect } from "./suspect.ts";
import { renderTraceLines } from "./trace-lines-text.ts";
import { whichText } from "./which-requests.ts";

/** What a verdict is told with. */
export interface RenderVerdictOptions {
  /** The moment that "ago" counts from. Default: now. */
  readonly now?: Date;
  /** Default: no colours. */
  readonly paint?: Paint;
}

/** The verdict as one readable page. */
export function renderVerdict(verdict: Verdict, options: RenderVerdictOptions = {}): string {
  const [worst, ...others] = verdict.verdict === "culprit" ? verdict.culprits : [];
  const now = options.now ?? new Date();
  const parts =
    worst === undefined ? [noCulprit(verdict)] : [accusation(worst, verdict, now, options.paint ?? plain)];
  if (verdict.trace !== null) parts.push(renderWaterfall(verdict.trace.spans).trimEnd());
  if (verdict.lines.length > 0) parts.push(renderTraceLines(verdict.lines));
  const before = verdict.asBefore.filter(({ service }) => service !== worst?.service);
  if (before.length > 0) parts.push(listed("As before:", before.slice(0, MAX_REMARKS).map(oneLine)));
  if (others.length > 0) parts.push(["Also:", ...others.map((other) => `  ${oneLine(other)}`)].join("\n"));
  if (verdict.missing.length > 0) {
    parts.push(["Not seen:", ...verdict.missing.map((what) => `  ${printable(what)}`)].join("\n"));
  }
  return `${parts.join("\n\n")}\n`;
}

const MAX_REMARKS = 3;
const MIN_HOT_SHARE = 0.05;

const listed = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((text) => `  ${text}`)].join("\n");

function noCulprit({ verdict, services, requests, windowS, culprits, alwaysSlow, tooFew }: Verdict): string {
  const shut = culprits.map(
    (one) => `It is ${printable(one.service)} or somebody behind it: ${oneLine(one)}`,
  );
  if (verdict === "cannot-tell") return ["Cannot tell who is at fault.", ...shut].join("\n");
  const seen = `${count(requests, "request")} in ${windowText(windowS)}, ${count(services.length, "service")}`;
  const slow = alwaysSlow.map((one) => `Slow for as long as is known: ${oneLine(one)}`);
  const few = tooFew
    .slice(0, MAX_REMARKS)
    .map((one) => `Too few to accuse: ${oneLine(one)}. More requests would tell.`);
  return [`Nothing out of the ordinary: ${seen}.`, ...slow, ...few].join("\n");
}

function accusation(
  culprit: Culprit,
  { windowS, trace, health, blastRadius, profile }: Verdict,
  now: Date,
  paint: Paint,
): string {
  const { service, routes, since, callers, path, instances } = culprit;
  // What users see is worth a line where it is not the culprit itself that they call.
  const entry = blastRadius.filter(({ name }) => !name.startsWith(`${service} `)).slice(0, MAX_REMARKS);
  const facts: [string, string][] = [
    ["service", culprit.known ? service : `${service} (seen by its callers only)`],
    ...routes.map(({ name }, i): [string, string] => [i === 0 ? "route" : "", name]),
    ...instances.map((one, i): [string, string] => [i === 0 ? "only on" : "", `${one.name}, ${ratio(one)}`]),
    [culprit.failures > 0 ? "failures" : "requests", `${ratio(culprit)} in ${windowText(windowS)}`],
    ...culprit.why.map(({ told }, i): [string, string] => [i === 0 ? "why" : "", told]),
    ...(profile?.functions ?? [])
      .slice(0, MAX_REMARKS)
      .filter(({ share }) => share >= MIN_HOT_SHARE)
      .map((one, i): [string, string] => [i === 0 ? "profile" : "", hotText(one)]),
    ...culprit.which.map((one, i): [string, string] => [i === 0 ? "which" : "", whichText(one)]),
    ...(since === null ? [] : [["since", `${moment(since)} (${ago(since, now)} ago)`] as [string, string]]),
    ...culprit.changes.map((one, i): [string, string] => [i === 0 ? "changed" : "", changeText(one, now)]),
    ["error", errorText(culprit, trace)],
    ...callers.map((caller, i): [string, string] => [
      i === 0 ? "suffering" : "",
      `${caller.name}, ${ratio(caller)}`,
    ]),
    ...entry.map((share, i): [string, string] => [
      i === 0 ? "seen as" : "",
      `${share.name}, ${ratio(share)}`,
    ]),
    ...health.map((said, i): [string, string] => [i === 0 ? "health" : "", said]),
    ["path", path.join(" → ")],
    ["trace", trace?.traceId ?? culprit.traceIds[0] ?? "none"],
  ];
  const lines = facts.map(([name, value]) => `  ${name.padEnd(9)}  ${printable(value)}`);
  return [paint("red", headline(culprit)), "", ...lines].join("\n");
}

// A status alone says little; the failed span, where there is a trace, says what was thrown.
function errorText({ service, error }: Culprit, trace: Verdict["trace"]): string {
  if (!/^\d{3}$/.test(error)) return error === "" ? "unknown" : error;
  const failed = trace?.spans.filter((span) => span.service === service && span.error).map(failure) ?? [];
  const thrown = failed.findLast((text) => text !== "" && text !== error);
  return thrown === undefined ? error : `${error} ${thrown}`;
}

/** `91 % of the time in countSugar, /srv/voting/src/ballot.ts:12`. */
const hotText = (one: HotFunction): string =>
  `${Math.round(100 * one.share)} % of the time in ${one.name}, ${placeOf(one)}`;

/** `3 s before: version 1.8.3 started beside 1.8.2, which is well`. */
function changeText({ at, what, secondsBefore, wellVersions }: ChangeEvidence, now: Date): string {
  const when = secondsBefore === null ? `${ago(at, now)} ago` : `${Math.max(0, secondsBefore)} s before`;
  const well = wellVersions.length === 0 ? "" : `, which ${wellVersions.length === 1 ? "is" : "are"} well`;
  return `${when}: ${what}${well}`;
}

const HEADLINES: Readonly<Record<Fault, string>> = {
  errors: "is murdering requests.",
  unreachable: "is murdering requests: it cannot be reached.",
  refusals: "is murdering requests: it refuses what its callers need.",
  timeouts: "is murdering requests: it does not answer in time.",
  slow: "is strangling requests: it has become slow.",
  "slow-way": "is strangling requests: the way to it has become slow.",
  "held-up": "is strangling its own requests: its calls wait before anybody sees them.",
  impatient: "is murdering its own requests: it does not wait for an answer.",
};

function headline({ service, fault, callers, asBefore }: Culprit): string {
  // Of a single way nobody knows at which of its ends it is slow.
  const way = fault === "slow-way" && callers.length === 1 ? `The way from ${callers[0]!.name} to ` : "";
  const before = asBefore ? " It did so before, as far back as is remembered." : "";
  return `${printable(way + service)} ${HEADLINES[way === "" ? fault : "slow"]}${before}`;
}

function oneLine({ service, fault, routes, error, ...shares }: Suspect): string {
  const route = routes[0] === undefined ? "" : `  ${routes[0].name}`;
  const how = shares.failures === 0 ? fault : ratio(shares);
  return printable(`${service}${route}  ${how}${error === "" ? "" : `  ${error}`}`);
}

function ratio({ failures, count: all }: Pick<Share, "count" | "failures">): string {
  if (failures === 0) return count(all, "request");
  return `${failures} of ${count(all, "request")} (${percent(all === 0 ? null : failures / all)})`;
}

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

const windowText = (windowS: number): string => (windowS < 60 ? `${windowS} s` : `${windowS / 60} min`);

const moment = (iso: string): string => `${new Date(iso).toISOString().slice(0, 19).replace("T", " ")} UTC`;

function ago(iso: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(iso)) / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
