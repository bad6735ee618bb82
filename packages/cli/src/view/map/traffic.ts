import { CallMinutes } from "../history/call-minutes.ts";
import type { CallMinute } from "../history/history.ts";
import { shortName } from "../short-name.ts";
import type { Span } from "../span.ts";
import { isFailure, isInbound, isOutbound, peerOf } from "./span-role.ts";
import type { Counted, MapWindowS } from "./tally.ts";
import { coveredS, Tally } from "./tally.ts";

/**
 * What a count is of:
 * - `route`: requests that `service` got for `name`
 * - `call`: calls of `service` to the peer `name`, as the caller saw them
 * - `reached`: those of them that `target` is known to have got
 * - `passed`: requests that `target` got from `service`, which made no span of the call
 * - `asked`: requests that `service` got for `name` from `target`; of what it does by itself there is no target
 */
export interface Subject {
  readonly what: "route" | "call" | "reached" | "passed" | "asked";
  readonly service: string;
  readonly name: string;
  readonly target: string;
}

/** A subject and its requests of a window. */
export interface Series extends Subject, Counted {}

/** The traffic of a window. */
export interface TrafficWindow {
  readonly series: readonly Series[];
  /** The seconds over which it was counted. */
  readonly seconds: number;
  /** Spans that were of too many subjects to be counted. */
  readonly notCounted: number;
}

/** Counts who calls whom, span by span, so that it stays right while the store lets traces go. */
export interface MapTraffic {
  /** Counts a span that is new. */
  observe(span: Span): void;
  read(windowS: MapWindowS): TrafficWindow;
  /** The calls that were counted since the last time, by the minute in which they ended. */
  takeCalls(): CallMinute[];
}

interface Told {
  readonly subject: Subject;
  readonly tally: Tally;
}

/** What is kept of a span to count it: the span itself may be large, and is the store's. */
interface Request {
  readonly service: string;
  /** The name of its span. */
  readonly name: string;
  readonly failed: boolean;
  readonly durationMs: number;
  readonly endMs: number;
}

/** What is kept of a span that may be a caller of one that has not come yet. */
interface Caller extends Request {
  /** What it called, by its own account; null when it called nothing outside its service. */
  readonly peer: string | null;
}

const MAX_SERIES = 1_000;
const MAX_WAITING = 20_000;
const MAX_RECENT = 20_000;
const FORGET_MS = 600_000;

/** Builds a count; `now` gives milliseconds since 1970. */
export function createMapTraffic(now: () => number = Date.now): MapTraffic {
  const tallies = new Map<string, Told>();
  // Apart, so that they leave the map its room.
  const callers = new Map<string, Told>();
  // Requests whose caller's span has not come yet, by that span: exporters send in any order.
  const waiting = new Map<string, Request>();
  const recent = new Map<string, Caller>();
  const calls = new CallMinutes();
  let sinceMs = 0;
  let sweptMs = 0;
  let notCounted = 0;

  const sweep = (nowMs: number): void => {
    sweptMs = nowMs;
    for (const kept of [tallies, callers])
      for (const [key, { tally }] of kept) if (nowMs - tally.lastMs > FORGET_MS) kept.delete(key);
  };

  const count = (subject: Subject, request: Request, kept = tallies): void => {
    const { failed, durationMs } = request;
    const nowMs = now();
    if (sinceMs === 0) sinceMs = nowMs;
    const key = JSON.stringify([subject.what, subject.service, subject.name, subject.target]);
    let entry = kept.get(key);
    if (entry === undefined) {
      if (kept.size >= MAX_SERIES && nowMs - sweptMs > 1_000) sweep(nowMs);
      if (kept.size >= MAX_SERIES) {
        // A caller without a name is counted all the same.
        if (kept === tallies) notCounted += 1;
        return;
      }
      entry = { subject, tally: new Tally() };
      kept.set(key, entry);
    }
    entry.tally.add(nowMs, failed, durationMs);
    // Routes are counted by the store itself.
    if (subject.what !== "route") calls.add(subject, request);
  };

  const join = (call: Caller, callee: Request): void => {
    const { service: target } = callee;
    if (call.peer !== null) count({ what: "reached", service: call.service, name: call.peer, target }, call);
    else if (call.service !== target)
      count({ what: "passed", service: call.service, name: "", target }, callee);
    else return;
    count({ what: "asked", service: target, name: callee.name, target: call.service }, callee, callers);
  };

  return {
    observe(span) {
      const key = span.traceId + span.spanId;
      const caller: Caller = { ...requestOf(span), peer: isOutbound(span) ? peerOf(span) : null };
      const { service, peer } = caller;
      remember(recent, key, caller, MAX_RECENT);
      if (peer !== null) count({ what: "call", service, name: peer, target: "" }, caller);
      if (isInbound(span)) {
        count({ what: "route", service, name: caller.name, target: "" }, caller);
        const above = span.parentSpanId === null ? null : span.traceId + span.parentSpanId;
        const known = above === null ? undefined : recent.get(above);
        if (known !== undefined) join(known, caller);
        else if (above !== null) remember(waiting, above, caller, MAX_WAITING);
        else if (span.kind === "internal")
          count({ what: "asked", service, name: caller.name, target: "" }, caller, callers);
      }
      const callee = waiting.get(key);
      if (callee === undefined) return;
      waiting.delete(key);
      join(caller, callee);
    },
    read(windowS) {
      const nowMs = now();
      sweep(nowMs);
      const series = [...tallies.values(), ...callers.values()].map(({ subject, tally }) => ({
        ...subject,
        ...tally.read(nowMs, windowS),
      }));
      return { series, seconds: coveredS(windowS, nowMs, sinceMs), notCounted };
    },
    takeCalls: () => calls.take(),
  };
}

function remember<T>(known: Map<string, T>, key: string, value: T, max: number): void {
  known.set(key, value);
  if (known.size > max) known.delete(known.keys().next().value!);
}

const requestOf = (span: Span): Request => ({
  service: shortName(span.service),
  name: shortName(span.name),
  failed: isFailure(span),
  durationMs: span.durationMs,
  endMs: span.startMs + span.durationMs,
});
