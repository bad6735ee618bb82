import type { PastSeconds } from "./baseline.ts";
import type { Latencies } from "./durations.ts";
import { binOf } from "./histogram.ts";
import type { OutcomeCounts, Trace } from "./outcome-counts.ts";
import { Slots, type Verdict, type WindowSeconds, type WindowTotals } from "./slots.ts";

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

/** No two failures of a run are further apart. */
export const FAILING_RUN_MS = 60_000;

/** A series as it was at some moment. */
export interface SeriesState extends Pick<TrafficSeries, "side" | "peer" | "route"> {
  readonly slots: Slots;
  /** The latest that did not fail, and the latest that did. */
  readonly last: Trace | undefined;
  readonly lastFailed: Trace | undefined;
  readonly failingSinceMs: number;
  readonly lastFailureMs: number;
}

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
  #slots = new Slots();

  /** Names have no secrets any more. */
  constructor(
    { side, peer, route }: Pick<TrafficSeries, "side" | "peer" | "route">,
    { outcomes, latencies }: Pick<Series, "outcomes" | "latencies">,
  ) {
    this.side = side;
    this.peer = peer;
    this.route = route;
    this.outcomes = outcomes;
    this.latencies = latencies;
  }

  /** Counts a request; its trace, where there is one, is an example from now on. */
  add(nowMs: number, verdict: Verdict, className: string, latencyMs: number, trace: Trace | undefined): void {
    this.lastAtMs = nowMs;
    this.#ownSlots().add(nowMs, verdict, className, binOf(latencyMs));
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
    const slots = this.#ownSlots();
    slots.removeSuccess(countedAtMs, before, bin);
    slots.add(nowMs, "failure", after, bin);
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
    this.#ownSlots().absorb(other.#slots);
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

  /** As it is now, to be read before anything else happens. */
  state(nowMs: number): SeriesState {
    if (this.#slots.isHeldSince(nowMs)) this.#slots = this.#slots.copy();
    return {
      side: this.side,
      peer: this.peer,
      route: this.route,
      slots: this.#slots,
      last: this.#last,
      lastFailed: this.#lastFailed,
      failingSinceMs: this.#failingSinceMs,
      lastFailureMs: this.#lastFailureMs,
    };
  }

  /** As it is now and stays until its slots are let go. */
  hold(nowMs: number): SeriesState {
    const state = this.state(nowMs);
    state.slots.hold(nowMs);
    return state;
  }

  // What a reading holds is copied once it changes: most of it does not while an answer is made.
  #ownSlots(): Slots {
    if (this.#slots.holders > 0) this.#slots = this.#slots.copy();
    return this.#slots;
  }
}
