import type { PastSeconds } from "./baseline.ts";
import type { Latencies } from "./durations.ts";
import { binOf, GAMMA } from "./histogram.ts";
import type { OutcomeCounts, Trace } from "./outcome-counts.ts";
import { Slots, type Verdict, WINDOWS, type WindowSeconds, type WindowTotals } from "./slots.ts";

export type { Verdict, WindowSeconds } from "./slots.ts";

/** Which end of a request this process was. */
export type TrafficSide = "server" | "client";

/** A request to look at: its trace, and how it ended. */
export interface TrafficExemplar {
  readonly traceId: string;
  readonly spanId: string;
  /** When it ended, ISO 8601. */
  readonly at: string;
  /** The status code, or what kind of error there was instead of one. */
  readonly status: number | string;
  readonly failed: boolean;
  /** What was thrown, by type. */
  readonly error?: string;
}

/** One caller or callee and one route over one window. */
export interface TrafficSeries {
  readonly side: TrafficSide;
  /** Server: the caller's service, or `unknown`. Client: the callee, by `peer` or `host:port`. */
  readonly peer: string;
  /** Server: `POST /votes/:shortcode`, unmatched `POST *`. Client: the method, or a peer span's name. */
  readonly route: string;
  readonly windowS: WindowSeconds;
  /** Successes and failures, and what waits. */
  readonly count: number;
  /**
   * Those of `count` that have no answer yet after five seconds or more: `latency` has how long they have waited so far.
   * Left out where there are none.
   */
  readonly waiting?: number;
  readonly failures: number;
  /** Server: requests whose client went away. Client: calls that this service gave up itself. Not in `count`. */
  readonly aborted: number;
  /** Requests by `2xx` … `5xx`, or by the type of error there was instead of a status. */
  readonly classes: Readonly<Record<string, number>>;
  /** The first failure of the present run (no two failures more than a minute apart); null when well. */
  readonly failingSince: string | null;
  /** Times to the response's headers in milliseconds: bin `i` counts `(gamma^(i-1), gamma^i]`. Bins of instances add up. */
  readonly latency: { readonly gamma: number; readonly bins: readonly (readonly [number, number])[] };
  readonly exemplar: TrafficExemplar | null;
}

/** What one series was like before the longest window. Counts are weights: what is longer ago counts less. */
export type TrafficPast = Omit<TrafficSeries, "windowS" | "waiting" | "failingSince" | "exemplar"> & {
  /** After how many seconds a request weighs 1/e of what it weighed. */
  readonly windowS: PastSeconds;
  /** From how many requests it is known: as many as would tell as much did each weigh the same. */
  readonly known: number;
};

const FAILING_RUN_MS = 60_000;

/** The counts of one side, peer and route, in a ring of slots per window. */
export class Series {
  readonly side: TrafficSide;
  readonly peer: string;
  readonly route: string;
  /** Since the start, as a scraper is told; with the rest where it is not told by name. */
  outcomes: OutcomeCounts;
  readonly latencies: Latencies;
  lastAtMs: number = Number.NEGATIVE_INFINITY;
  #failingSinceMs = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;
  #last: Trace | undefined;
  #lastFailed: Trace | undefined;
  readonly #slots = new Slots();
  readonly #clean: (text: string) => string;

  /** @param clean for what comes later: `peer` and `route` have no secrets any more */
  constructor(
    { side, peer, route }: Pick<TrafficSeries, "side" | "peer" | "route">,
    clean: (text: string) => string,
    { outcomes, latencies }: Pick<Series, "outcomes" | "latencies">,
  ) {
    this.side = side;
    this.peer = peer;
    this.route = route;
    this.#clean = clean;
    this.outcomes = outcomes;
    this.latencies = latencies;
  }

  /** Counts a request; its trace, where there is one, is an example from now on. */
  add(nowMs: number, verdict: Verdict, className: string, latencyMs: number, trace: Trace | undefined): void {
    this.lastAtMs = nowMs;
    this.#slots.add(nowMs, verdict, className, binOf(latencyMs));
    this.outcomes.add(verdict, className, trace);
    if (verdict === "aborted") return;
    this.latencies.durations.add(latencyMs, trace);
    if (trace !== undefined) this.#offer(trace);
    if (verdict === "failure") this.#fail(nowMs);
  }

  /** A request that was counted as a success has failed after all: from now on it counts once, as a failure. */
  addLateFailure(
    nowMs: number,
    countedAtMs: number,
    [before, after]: readonly [className: string, className: string],
    latencyMs: number,
    trace: Trace | undefined,
  ): void {
    this.lastAtMs = nowMs;
    const bin = binOf(latencyMs);
    this.#slots.removeSuccess(countedAtMs, before, bin);
    this.#slots.add(nowMs, "failure", after, bin);
    this.outcomes.add("late_failure", after, trace);
    if (trace !== undefined) this.#offer(trace);
    this.#fail(nowMs);
  }

  #fail(nowMs: number): void {
    if (nowMs - this.#lastFailureMs > FAILING_RUN_MS) this.#failingSinceMs = nowMs;
    this.#lastFailureMs = nowMs;
  }

  // The latest failed trace is shown before the latest of all.
  #offer(trace: Trace): void {
    if (trace.failed) this.#lastFailed = trace;
    else this.#last = trace;
  }

  /** Whether it failed in so many milliseconds before now. */
  failed(nowMs: number, withinMs: number): boolean {
    return nowMs - this.#lastFailureMs <= withinMs;
  }

  /** Takes the counts of a series that gives way, so that sums stay true. */
  absorb(other: Series): void {
    this.lastAtMs = Math.max(this.lastAtMs, other.lastAtMs);
    this.#slots.absorb(other.#slots);
    // What a scraper has seen under the other's name stays there: counters only grow.
    if (other.outcomes !== this.outcomes) this.outcomes.absorb(other.outcomes);
    for (const trace of [other.#last, other.#lastFailed]) {
      const own = trace?.failed === true ? this.#lastFailed : this.#last;
      if (trace !== undefined && trace.atMs > (own?.atMs ?? Number.NEGATIVE_INFINITY)) this.#offer(trace);
    }
  }

  /** How many requests the window holds. */
  totals(index: number, nowMs: number): WindowTotals {
    return this.#slots.totals(index, nowMs);
  }

  /**
   * What the window holds, or undefined when it holds nothing.
   *
   * @param toWallMs for the times that are shown
   * @param waitedMs for how long those have waited that are not answered
   */
  window(
    index: number,
    nowMs: number,
    toWallMs: (atMs: number) => number,
    waitedMs: readonly number[],
  ): TrafficSeries | undefined {
    const { windowS } = WINDOWS[index]!;
    const { successes, failures, aborted, bins, classes: counted } = this.#slots.window(index, nowMs);
    if (successes + failures + aborted + waitedMs.length === 0) return undefined;
    const classes = this.#cleanClasses(counted);
    const waiting = waitedMs.length === 0 ? {} : { waiting: waitedMs.length };
    return {
      side: this.side,
      peer: this.peer,
      route: this.route,
      windowS,
      count: successes + failures + waitedMs.length,
      ...waiting,
      failures,
      aborted,
      classes,
      failingSince: this.failed(nowMs, FAILING_RUN_MS) ? isoTime(toWallMs(this.#failingSinceMs)) : null,
      latency: { gamma: GAMMA, bins: waitedMs.length === 0 ? bins : withLatencies(bins, waitedMs) },
      exemplar: this.#exemplar(nowMs - windowS * 1_000, toWallMs),
    };
  }

  /** What was before the longest window, by an hour and by a day. */
  past(nowMs: number): TrafficPast[] {
    const { side, peer, route } = this;
    return this.#slots.past(nowMs).map(({ classes, ...counts }) => ({
      ...{ side, peer, route, ...counts },
      classes: this.#cleanClasses(classes),
    }));
  }

  #cleanClasses(counted: ReadonlyMap<string, number>): Record<string, number> {
    const classes: Record<string, number> = {};
    for (const [given, count] of counted) {
      const name = this.#clean(given);
      classes[name] = (classes[name] ?? 0) + count;
    }
    return classes;
  }

  #exemplar(sinceMs: number, toWallMs: (atMs: number) => number): TrafficExemplar | null {
    const trace = [this.#lastFailed, this.#last].find((one) => one !== undefined && one.atMs >= sinceMs);
    if (trace === undefined) return null;
    const { traceId, spanId, status, failed, error } = trace;
    const at = isoTime(toWallMs(trace.atMs));
    const shown = typeof status === "string" ? this.#clean(status) : status;
    const thrown = error === undefined ? {} : { error: this.#clean(error) };
    return { traceId, spanId, at, status: shown, failed, ...thrown };
  }
}

function withLatencies(
  counted: readonly (readonly [bin: number, count: number])[],
  latenciesMs: readonly number[],
): (readonly [number, number])[] {
  const bins = new Map(counted);
  for (const ms of latenciesMs) bins.set(binOf(ms), (bins.get(binOf(ms)) ?? 0) + 1);
  return [...bins].sort(([a], [b]) => a - b);
}

const isoTime = (wallMs: number): string => new Date(wallMs).toISOString();
