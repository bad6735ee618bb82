import type { Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Latency } from "../sources/live/traffic-document.ts";
import { isFailing } from "./suspect.ts";

const MIN_NOW = 10;
const MIN_BEFORE = 20;

/** How long a series took before, and whether that is remembered from before the last ten minutes. */
export interface Was {
  readonly counts: Counts;
  readonly remembered: boolean;
}

/** How many requests have a latency. */
export const answers = ({ latency }: Counts): number =>
  latency.bins.reduce((sum, [, count]) => sum + count, 0);

/** All the milliseconds spent: latencies add up along a request where quantiles do not. */
export function timeSpentMs({ latency: { gamma, bins } }: Counts): number {
  return bins.reduce((sum, [index, count]) => sum + (count * 2 * gamma ** index) / (gamma + 1), 0);
}

/** The mean in milliseconds; null where too few requests tell. */
export function meanMs(counts: Counts, atLeast: number): number | null {
  const all = answers(counts);
  return all < atLeast ? null : timeSpentMs(counts) / all;
}

/** The milliseconds that requests take now beyond what so many took before. */
export function extraTimeMs(now: Counts, was: Counts): number {
  return timeSpentMs(now) - (timeSpentMs(was) / Math.max(1, answers(was))) * answers(now);
}

/**
 * What has become slower, in words, by the quantile that shows it; null when users would not feel a change: half of the
 * requests take two and a half times as long and 50 ms more, or some take three times as long as the slowest tenth did.
 */
export function tellSlower(now: Counts, { counts: was, remembered }: Was): string | null {
  if (answers(now) < MIN_NOW || answers(was) < MIN_BEFORE) return null;
  const [nowMs, wasMs] = [quantile(now.latency, 0.5)!, quantile(was.latency, 0.5)!];
  if (nowMs >= 2.5 * wasMs && nowMs - wasMs >= 50) {
    return `takes ${Math.round(nowMs)} ms where it took ${Math.round(wasMs)} ms`;
  }
  const limitMs = lateFromMs(was, remembered);
  const late = countOver(now.latency, limitMs);
  const usual = (countOver(was.latency, limitMs) / answers(was)) * answers(now);
  if (!isFailing({ count: answers(now), failures: late }, usual)) return null;
  const percent = (part: number): string => `${Number((100 * part).toFixed(1))} %`;
  const before = percent(countOver(was.latency, limitMs) / answers(was));
  return `${percent(late / answers(now))} of requests take longer than ${Math.round(limitMs)} ms where ${before} did`;
}

/** From how many milliseconds on a request is late, by what was. Ten minutes know little of the rarest: they count twice. */
function lateFromMs({ latency }: Counts, remembered: boolean): number {
  const tenthMs = quantile(latency, 0.9)!;
  const rarestMs = quantile(latency, 0.99)!;
  return Math.max(3 * tenthMs, tenthMs + 100, remembered ? 0 : 2 * rarestMs);
}

/** How many requests took longer than this. */
export function countOver({ gamma, bins }: Latency, limitMs: number): number {
  const first = Math.log(limitMs) / Math.log(gamma) + 1;
  return bins.reduce((sum, [index, count]) => (index > first ? sum + count : sum), 0);
}
