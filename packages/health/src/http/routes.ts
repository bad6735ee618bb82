import type { IncomingMessage } from "node:http";
import { type Answer, answerOf } from "@whodunit/core";
import { type Format, isoTime } from "../formats/format.ts";
import { negotiateFormat } from "../formats/negotiate.ts";
import type { Snapshot } from "../watch/snapshot.ts";
import { blockingReadiness, monitorCode } from "../watch/verdicts.ts";
import { type Authorize, isAuthorized } from "./authorize.ts";

/** What the routes show. */
export interface HealthView {
  readonly service: string;
  readonly snapshot: Snapshot;
  readonly groups: ReadonlySet<string>;
  readonly authorize: Authorize | undefined;
  readonly draining: boolean;
  readonly inFlight: number;
  /** Whether every critical probe has been well once. */
  readonly started: boolean;
}

/** The paths that are answered; `/health/status/<group>` beside them. */
export const HEALTH_PATHS: readonly string[] = [
  "/health/status",
  "/health/live",
  "/health/ready",
  "/health/startup",
];

const STATUS = "/health/status";
const JSON_TYPE = "application/json; charset=utf-8";
const LIVE = bytes(200, JSON_TYPE, '{"status":"live"}');
const NOT_FOUND = bytes(404, JSON_TYPE, '{"error":"no such group"}');
const ALLOW = "GET, HEAD, OPTIONS";
const NOT_ALLOWED = bytes(405, JSON_TYPE, '{"error":"GET, HEAD or OPTIONS"}', { allow: ALLOW });

/** Which of health's paths a request is for, if any. */
export function healthPathOf(request: IncomingMessage): string | undefined {
  const path = pathOf(request.url ?? "");
  return isHealthPath(path) ? path : undefined;
}

const isHealthPath = (path: string): boolean =>
  path.startsWith("/health/") && (HEALTH_PATHS.includes(path) || path.startsWith(`${STATUS}/`));

/**
 * Answers a request from what is known; undefined when its path is none of health's. Asks no dependency.
 *
 * @param path what a framework has made of the request's URL, without a slash at its end
 */
export function answerRequest(
  view: HealthView,
  request: IncomingMessage,
  path: string = pathOf(request.url ?? ""),
): Answer | Promise<Answer> | undefined {
  if (!isHealthPath(path)) return undefined;
  const group = path.startsWith(`${STATUS}/`) ? path.slice(STATUS.length + 1) : undefined;
  if (request.method === "GET" || request.method === "HEAD") return answerPath(view, request, path, group);
  if (request.method !== "OPTIONS") return NOT_ALLOWED;
  const answer = answerPath(view, request, path, group);
  return answer instanceof Promise ? answer.then(withAllow) : withAllow(answer);
}

// The status of a GET, with its code: a balancer that asks by OPTIONS, as haproxy does unless told otherwise, goes by it.
function withAllow(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, allow: ALLOW } };
}

function answerPath(
  view: HealthView,
  request: IncomingMessage,
  path: string,
  group: string | undefined,
): Answer | Promise<Answer> {
  if (path === "/health/live") return live(view);
  if (path === "/health/ready") return ready(view);
  if (path === "/health/startup") return startup(view);
  if (group !== undefined && !view.groups.has(group)) return NOT_FOUND;
  const format = negotiateFormat(request.headers.accept);
  const allowed = isAuthorized(view.authorize, request);
  return typeof allowed === "boolean"
    ? status(view, group, format, allowed)
    : allowed.then((detailed) => status(view, group, format, detailed));
}

function pathOf(url: string): string {
  const query = url.indexOf("?");
  const end = query === -1 ? url.length : query;
  return url.slice(0, end > 1 && url[end - 1] === "/" ? end - 1 : end);
}

function status(
  { service, snapshot }: HealthView,
  group: string | undefined,
  format: Format,
  detailed: boolean,
): Answer {
  return snapshot.rendered(`${format.contentType} ${detailed} ${group ?? ""}`, () => {
    const { entries, standstills } = snapshot;
    const members = group === undefined ? entries : entries.filter((entry) => entry.probe.group === group);
    const code = monitorCode(members);
    const body = format.render({ service, group, code, entries: members, standstills, detailed });
    return bytes(format.always200 === true ? 200 : code, format.contentType, body, format.headers);
  });
}

// No dependency is asked whether the process lives, but it says of itself that it stood still.
function live({ snapshot }: HealthView): Answer {
  const { standstills } = snapshot;
  if (standstills === undefined) return LIVE;
  return snapshot.rendered("live", () => {
    const { count, totalMs, last } = standstills;
    const { durationMs: lastMs, cause: lastCause } = last;
    const body = { count, totalMs, lastMs, lastCause, lastEndedAt: isoTime(last.endedAt) };
    return bytes(200, JSON_TYPE, JSON.stringify({ status: "live", standstills: body }));
  });
}

function ready(view: HealthView): Answer {
  const waitingFor = blockingReadiness(view.snapshot.entries).map((entry) => entry.probe.name);
  const { draining, inFlight } = view;
  const isReady = !draining && waitingFor.length === 0;
  const word = draining ? "draining" : isReady ? "ready" : "waiting";
  return bytes(
    isReady ? 200 : 503,
    JSON_TYPE,
    JSON.stringify({ status: word, draining, inFlight, waitingFor }),
  );
}

function startup(view: HealthView): Answer {
  const { started } = view;
  return bytes(started ? 200 : 503, JSON_TYPE, `{"status":"${started ? "started" : "starting"}"}`);
}

// Encoded once: an answer is sent many times.
function bytes(
  status: number,
  contentType: string,
  body: string,
  more?: Readonly<Record<string, string>>,
): Answer {
  return answerOf(status, contentType, Buffer.from(body), more);
}
