import type { Latency } from "../../sources/live/traffic-document.ts";

/** How far back a count reaches, in seconds. */
export type MapWindowS = 60 | 600;

/** Requests of a window. */
export interface Counted {
  readonly requests: number;
  readonly failures: number;
  readonly latency: Latency;
}

interface Slot {
  readonly number: number;
  requests: number;
  failures: number;
  readonly bins: Map<number, number>;
}

// Bins of 10 %: a percentile is right to 5 %. From 0.01 ms to a day they are 240.
const GAMMA = 1.1;
const LOG_GAMMA = Math.log(GAMMA);
const MIN_MS = 0.01;
const MAX_MS = 86_400_000;

const SLOTS: Readonly<Record<MapWindowS, { readonly count: number; readonly slotMs: number }>> = {
  60: { count: 12, slotMs: 5_000 },
  600: { count: 10, slotMs: 60_000 },
};

/** Counts requests over the last minute and the last ten, by when they are told. */
export class Tally {
  readonly #rings: Readonly<Record<MapWindowS, Slot[]>> = { 60: [], 600: [] };
  /** When the last request was told. */
  lastMs = 0;

  add(nowMs: number, failed: boolean, durationMs: number): void {
    this.lastMs = nowMs;
    const bin = Math.ceil(Math.log(Math.min(MAX_MS, Math.max(MIN_MS, durationMs))) / LOG_GAMMA);
    for (const windowS of [60, 600] as const) {
      const slot = this.#slotAt(windowS, nowMs);
      slot.requests += 1;
      if (failed) slot.failures += 1;
      slot.bins.set(bin, (slot.bins.get(bin) ?? 0) + 1);
    }
  }

  read(nowMs: number, windowS: MapWindowS): Counted {
    const { count, slotMs } = SLOTS[windowS];
    const oldest = Math.floor(nowMs / slotMs) - count;
    let requests = 0;
    let failures = 0;
    const bins = new Map<number, number>();
    for (const slot of this.#rings[windowS]) {
      if (slot === undefined || slot.number <= oldest) continue;
      requests += slot.requests;
      failures += slot.failures;
      for (const [bin, times] of slot.bins) bins.set(bin, (bins.get(bin) ?? 0) + times);
    }
    return { requests, failures, latency: { gamma: GAMMA, bins: [...bins].sort(([a], [b]) => a - b) } };
  }

  #slotAt(windowS: MapWindowS, nowMs: number): Slot {
    const { count, slotMs } = SLOTS[windowS];
    const number = Math.floor(nowMs / slotMs);
    const slot = this.#rings[windowS][number % count];
    if (slot?.number === number) return slot;
    const fresh: Slot = { number, requests: 0, failures: 0, bins: new Map() };
    this.#rings[windowS][number % count] = fresh;
    return fresh;
  }
}

/** How many seconds a window has covered, when counting began at `sinceMs`. */
export function coveredS(windowS: MapWindowS, nowMs: number, sinceMs: number): number {
  const { count, slotMs } = SLOTS[windowS];
  const fullMs = (count - 1) * slotMs + (nowMs % slotMs);
  // Spans come in batches: what arrives first happened over some seconds.
  return Math.min(fullMs, Math.max(nowMs - sinceMs, SLOTS[60].slotMs)) / 1_000;
}
