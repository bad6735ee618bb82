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
 */
export interface Subject {
  readonly what: "route" | "call" | "reached" | "passed";
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
  /** Counts a span; `trace` are the spans of its trace that are here, by id. */
  observe(span: Span, trace: ReadonlyMap<string, Span>): void;
  read(windowS: MapWindowS): TrafficWindow;
}

/** What is kept of a span to count it: the span itself may be large, and is the store's. */
interface Request {
  readonly service: string;
  readonly failed: boolean;
  readonly durationMs: number;
}

const MAX_SERIES = 1_000;
const MAX_WAITING = 20_000;
const MAX_NAME = 200;
const FORGET_MS = 600_000;

/** Builds a count; `now` gives milliseconds since 1970. */
export function createMapTraffic(now: () => number = Date.now): MapTraffic {
  const tallies = new Map<string, { readonly subject: Subject; readonly tally: Tally }>();
  // Requests whose caller's span has not come yet, by that span: exporters send in any order.
  const waiting = new Map<string, Request>();
  let sinceMs = 0;
  let sweptMs = 0;
  let notCounted = 0;

  const sweep = (nowMs: number): void => {
    sweptMs = nowMs;
    for (const [key, { tally }] of tallies) if (nowMs - tally.lastMs > FORGET_MS) tallies.delete(key);
  };

  const count = (subject: Subject, { failed, durationMs }: Request): void => {
    const nowMs = now();
    if (sinceMs === 0) sinceMs = nowMs;
    const key = JSON.stringify([subject.what, subject.service, subject.name, subject.target]);
    let entry = tallies.get(key);
    if (entry === undefined) {
      if (tallies.size >= MAX_SERIES && nowMs - sweptMs > 1_000) sweep(nowMs);
      if (tallies.size >= MAX_SERIES) {
        notCounted += 1;
        return;
      }
      entry = { subject, tally: new Tally() };
      tallies.set(key, entry);
    }
    entry.tally.add(nowMs, failed, durationMs);
  };

  const join = (caller: Span, callee: Request): void => {
    const call = requestOf(caller);
    const { service: target } = callee;
    if (isOutbound(caller))
      count({ what: "reached", service: call.service, name: peerOf(caller), target }, call);
    else if (call.service !== target)
      count({ what: "passed", service: call.service, name: "", target }, callee);
  };

  return {
    observe(span, trace) {
      const request = requestOf(span);
      const { service } = request;
      if (isOutbound(span)) count({ what: "call", service, name: peerOf(span), target: "" }, request);
      if (isInbound(span)) {
        count({ what: "route", service, name: short(span.name), target: "" }, request);
        const caller = span.parentSpanId === null ? undefined : trace.get(span.parentSpanId);
        if (caller !== undefined) join(caller, request);
        else if (span.parentSpanId !== null) waiting.set(`${span.traceId}${span.parentSpanId}`, request);
        if (waiting.size > MAX_WAITING) waiting.delete(waiting.keys().next().value!);
      }
      const key = `${span.traceId}${span.spanId}`;
      const callee = waiting.get(key);
      if (callee === undefined) return;
      waiting.delete(key);
      join(span, callee);
    },
    read(windowS) {
      const nowMs = now();
      sweep(nowMs);
      const series = [...tallies.values()].map(({ subject, tally }) => ({
        ...subject,
        ...tally.read(nowMs, windowS),
      }));
      return { series, seconds: coveredS(windowS, nowMs, sinceMs), notCounted };
    },
  };
}

const requestOf = (span: Span): Request => ({
  service: short(span.service),
  failed: isFailure(span),
  durationMs: span.durationMs,
});

// A count lives for minutes: a name of megabytes must not, nor be held by the part of it that a slice is.
function short(text: string): string {
  return text.length <= MAX_NAME ? text : `${Buffer.from(text.slice(0, MAX_NAME - 1)).toString()}…`;
}
