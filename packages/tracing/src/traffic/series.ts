import { Histograms } from "./histogram.ts";

/** The windows that are reported, in seconds, each kept as a ring of slots. */
export const WINDOWS = [
  { windowS: 10, slotMs: 1_000, slots: 10 },
  { windowS: 60, slotMs: 10_000, slots: 6 },
  { windowS: 600, slotMs: 60_000, slots: 10 },
] as const;

/** Which end of a request this process was. */
export type TrafficSide = "server" | "client";

/** The length of a window in seconds. */
export type WindowSeconds = (typeof WINDOWS)[number]["windowS"];

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
  /** Successes and failures. */
  readonly count: number;
  readonly failures: number;
  /** Requests whose client went away; server side only, not in `count`. */
  readonly aborted: number;
  /** Requests by `2xx` … `5xx`, or by the type of error there was instead of a status. */
  readonly classes: Readonly<Record<string, number>>;
  /** The first failure of the present run (no two failures more than a minute apart); null when well. */
  readonly failingSince: string | null;
  /** Latencies in milliseconds: bin `i` counts `(gamma^(i-1), gamma^i]`. Bins of instances add up. */
  readonly latency: { readonly gamma: number; readonly bins: readonly (readonly [number, number])[] };
  readonly exemplar: TrafficExemplar | null;
}

/** How a request is counted. */
export type Verdict = "success" | "failure" | "aborted";

const ROWS = WINDOWS.reduce((sum, { slots }) => sum + slots, 0);
const FIRST_ROWS = WINDOWS.map((_, ring) =>
  WINDOWS.slice(0, ring).reduce((sum, { slots }) => sum + slots, 0),
);
const FAILING_RUN_MS = 60_000;
const CLASSES_MAX = 16;

interface Slot {
  epoch: number;
  successes: number;
  failures: number;
  aborted: number;
  /** By index of the series' class names. */
  classes: number[];
  /** Of its histogram. */
  readonly row: number;
}

/** What is kept of a request for the exemplar; the ISO time is made only when somebody asks. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly atMs: number;
  readonly status: number | string;
  readonly failed: boolean;
  readonly error: string | undefined;
}

/** The counts of one side, peer and route, in a ring of slots per window. */
export class Series {
  readonly side: TrafficSide;
  readonly peer: string;
  readonly route: string;
  lastAtMs = 0;
  #failingSinceMs = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;
  #last: Trace | undefined;
  #lastFailed: Trace | undefined;
  readonly #classNames: string[] = [];
  readonly #histograms = new Histograms(ROWS);
  readonly #rings: Slot[][] = WINDOWS.map(({ slots }, ring) =>
    Array.from({ length: slots }, (_, i) => ({
      epoch: -1,
      successes: 0,
      failures: 0,
      aborted: 0,
      classes: [],
      row: (FIRST_ROWS[ring] as number) + i,
    })),
  );

  readonly #clean: (text: string) => string;

  constructor(side: TrafficSide, peer: string, route: string, clean: (text: string) => string) {
    this.side = side;
    this.peer = clean(peer);
    this.route = clean(route);
    this.#clean = clean;
  }

  add(nowMs: number, verdict: Verdict, className: string, bin: number): void {
    this.lastAtMs = nowMs;
    const index = verdict === "aborted" ? -1 : this.#classIndex(className);
    for (let i = 0; i < WINDOWS.length; i++) {
      const { slotMs, slots } = WINDOWS[i]!;
      const epoch = Math.floor(nowMs / slotMs);
      const slot = this.#rings[i]![epoch % slots]!;
      if (slot.epoch !== epoch) this.#restart(slot, epoch);
      if (index === -1) {
        slot.aborted++;
        continue;
      }
      if (verdict === "failure") slot.failures++;
      else slot.successes++;
      slot.classes[index] = (slot.classes[index] ?? 0) + 1;
      this.#histograms.add(slot.row, bin);
    }
    if (verdict !== "failure") return;
    if (nowMs - this.#lastFailureMs > FAILING_RUN_MS) this.#failingSinceMs = nowMs;
    this.#lastFailureMs = nowMs;
  }

  /** Offers a trace as exemplar: the latest failed one is shown before the latest of all. */
  offer(trace: Trace): void {
    if (trace.failed) this.#lastFailed = trace;
    else this.#last = trace;
  }

  failing(nowMs: number): boolean {
    return nowMs - this.#lastFailureMs <= FAILING_RUN_MS;
  }

  /** What the window holds, or undefined when it holds nothing. */
  window(index: number, nowMs: number, gamma: number): TrafficSeries | undefined {
    const { windowS, slotMs, slots } = WINDOWS[index]!;
    const oldest = Math.floor(nowMs / slotMs) - slots;
    const bins = new Map<number, number>();
    const classes: Record<string, number> = {};
    let successes = 0;
    let failures = 0;
    let aborted = 0;
    for (const slot of this.#rings[index]!) {
      if (slot.epoch <= oldest) continue;
      successes += slot.successes;
      failures += slot.failures;
      aborted += slot.aborted;
      this.#histograms.addTo(slot.row, bins);
      slot.classes.forEach((count, i) => {
        const name = this.#clean(this.#classNames[i]!);
        classes[name] = (classes[name] ?? 0) + count;
      });
    }
    if (successes + failures + aborted === 0) return undefined;
    return {
      side: this.side,
      peer: this.peer,
      route: this.route,
      windowS,
      count: successes + failures,
      failures,
      aborted,
      classes,
      failingSince: this.failing(nowMs) ? new Date(this.#failingSinceMs).toISOString() : null,
      latency: { gamma, bins: [...bins].sort((a, b) => a[0] - b[0]) },
      exemplar: this.#exemplar(nowMs - windowS * 1_000),
    };
  }

  #exemplar(sinceMs: number): TrafficExemplar | null {
    const trace = [this.#lastFailed, this.#last].find((one) => one !== undefined && one.atMs >= sinceMs);
    if (trace === undefined) return null;
    const { traceId, spanId, status, failed, error } = trace;
    const at = new Date(trace.atMs).toISOString();
    const shown = typeof status === "string" ? this.#clean(status) : status;
    const thrown = error === undefined ? {} : { error: this.#clean(error) };
    return { traceId, spanId, at, status: shown, failed, ...thrown };
  }

  #classIndex(name: string): number {
    const names = this.#classNames;
    const known = names.indexOf(name);
    if (known !== -1) return known;
    if (names.length < CLASSES_MAX) return names.push(name) - 1;
    names[CLASSES_MAX - 1] = "_other";
    return CLASSES_MAX - 1;
  }

  #restart(slot: Slot, epoch: number): void {
    slot.epoch = epoch;
    slot.successes = 0;
    slot.failures = 0;
    slot.aborted = 0;
    slot.classes.length = 0;
    this.#histograms.clear(slot.row);
  }
}
