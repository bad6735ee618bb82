import type { Latency } from "../live/traffic-document.ts";

/** What a classic histogram holds. */
export interface Buckets {
  /** Upper bounds in milliseconds, ascending, the last infinite, each with how many requests took no longer. */
  readonly cumulative: readonly (readonly [boundMs: number, count: number])[];
  /** All their milliseconds together; undefined where it is not known. */
  readonly sumMs: number | undefined;
}

const GAMMA = 1.03;
const LOG_GAMMA = Math.log(GAMMA);
// Nothing answers over a network sooner; what is beyond the last bound may take twelve times as long.
const LOWEST_MS = 0.25;
const BEYOND = 12;
const MAX_TILT = 8;
const STEPS = 40;

/**
 * The latencies of a histogram, as finer bins: between two bounds spread evenly over the logarithm of time, and then
 * leaning to one side by as much, in all buckets alike, as gives the sum that was counted. So the mean of many is the
 * one that was counted, and a quantile lies within its bucket.
 */
export function latencyOf({ cumulative, sumMs }: Buckets): Latency {
  const parts = partsOf(cumulative);
  if (parts.length === 0) return { gamma: GAMMA, bins: [] };
  const tilt = sumMs === undefined ? 0 : findTilt(parts, sumMs);
  const bins: [index: number, count: number][] = [];
  for (const { first, last, count } of parts) {
    let [weight, placed] = [0, 0];
    for (const [i, own] of weightsOf(first, last, tilt).entries()) {
      weight += own;
      // Whole requests: a rank among thousands of parts of one would be off by what they round to.
      const here = Math.round(weight * count) - placed;
      placed += here;
      if (here === 0) continue;
      const last = bins.at(-1);
      // A bound may lie within a bin, which is the last of one part and the first of the next.
      if (last?.[0] === first + i) last[1] += here;
      else bins.push([first + i, here]);
    }
  }
  return { gamma: GAMMA, bins };
}

interface Part {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

function partsOf(cumulative: Buckets["cumulative"]): Part[] {
  const parts: Part[] = [];
  let [below, counted] = [LOWEST_MS, 0];
  for (const [boundMs, upTo] of cumulative) {
    const upper = Number.isFinite(boundMs) ? boundMs : below * BEYOND;
    const [first, last] = [
      Math.floor(Math.log(below) / LOG_GAMMA) + 1,
      Math.ceil(Math.log(upper) / LOG_GAMMA),
    ];
    // Instances are not scraped at one moment: a bucket may seem to hold less than the one below it.
    if (upTo > counted) parts.push({ first: Math.min(first, last), last, count: upTo - counted });
    counted = Math.max(counted, upTo);
    below = upper;
  }
  return parts;
}

const middle = (index: number): number => (2 * GAMMA ** index) / (GAMMA + 1);

function weightsOf(first: number, last: number, tilt: number): number[] {
  const size = last - first + 1;
  const raw = Array.from({ length: size }, (_, i) => Math.exp((tilt * (2 * i + 1 - size)) / size));
  const sum = raw.reduce((all, one) => all + one, 0);
  return raw.map((one) => one / sum);
}

function findTilt(parts: readonly Part[], sumMs: number): number {
  const sumOf = (tilt: number): number =>
    parts.reduce((all, part) => all + part.count * meanOf(part, tilt), 0);
  let [low, high] = [-MAX_TILT, MAX_TILT];
  for (let step = 0; step < STEPS; step++) {
    const tilt = (low + high) / 2;
    if (sumOf(tilt) < sumMs) low = tilt;
    else high = tilt;
  }
  return (low + high) / 2;
}

/** The mean of a part by {@link weightsOf}: both weights and times are geometric series. */
function meanOf({ first, last }: Part, tilt: number): number {
  const size = last - first + 1;
  const ratio = Math.exp((2 * tilt) / size);
  return (middle(first) * geometricSum(ratio * GAMMA, size)) / geometricSum(ratio, size);
}

const geometricSum = (ratio: number, size: number): number =>
  Math.abs(ratio - 1) < 1e-9 ? size : (ratio ** size - 1) / (ratio - 1);
