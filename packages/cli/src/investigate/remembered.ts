import { addUp, type Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Series, TrafficDocument } from "../sources/live/traffic-document.ts";
import { answers, countOver } from "./slower.ts";

// The longest memory first: what is slow since this morning is not yet what is usual.
const DAY_S = 86_400;
const HOUR_S = 3_600;
// Fewer requests than this are no memory of what is usual.
const MIN_REMEMBERED = 5;
// Who does not tell from how many requests its day is known may have filled it by the first quarter of an hour.
const FILLED_PART = 0.25;

/**
 * What an instance remembers from before the last ten minutes, as many requests of it as are known for certain: what the
 * day says, and what the hour adds to it when both say the same.
 */
export function rememberedIn({ baseline }: TrafficDocument): Series[] {
  const bySeries = Map.groupBy(baseline, ({ side, peer, route }) => JSON.stringify([side, peer, route]));
  const memories = [...bySeries.values()].map((all) => ({
    day: all.find(({ windowS }) => windowS === DAY_S),
    hour: all.find(({ windowS }) => windowS === HOUR_S),
  }));
  let [counted, known] = [0, 0];
  for (const { day, hour } of memories) {
    counted += day?.count ?? 0;
    known += day === undefined ? 0 : (day.known ?? (hour ?? day).count * FILLED_PART);
  }
  // All by one part, and the hour with all or with none: what requests of one series call of another must stay as it is.
  const certain = memories.map(({ day, hour }) => ({
    day: day && partOf(day, Math.min(1, known / counted)),
    hour,
  }));
  const isCalm = certain.every(({ day, hour }) => !day || !hour || isAlike(hour, day));
  return certain
    .flatMap(({ day, hour }) =>
      day && hour && isCalm ? { ...day, ...addUp([day, hour]) } : (day ?? hour ?? []),
    )
    .filter(({ count }) => count >= MIN_REMEMBERED);
}

function partOf(past: Series, taken: number): Series {
  const { count, failures, latency } = past;
  return {
    ...{ ...past, count: count * taken, failures: failures * taken },
    classes: Object.fromEntries(Object.entries(past.classes).map(([name, n]) => [name, n * taken])),
    latency: { ...latency, bins: latency.bins.map(([index, n]) => [index, n * taken] as const) },
  };
}

const DEVIATIONS = 4;
const NOISE_SHARE = 0.003;

/** Whether as many of the one as of the other fail, are refused, and take longer than the median and the slowest tenth. */
function isAlike(one: Counts, other: Counts): boolean {
  const [medianMs, tenthMs] = [0.5, 0.9].map((share) => quantile(other.latency, share) ?? 0);
  const limits = [1.1 * medianMs!, 1.1 * tenthMs!, 3 * tenthMs!];
  const measures: ((counts: Counts) => number)[] = [
    ({ count, failures }) => failures / count,
    ({ count, classes }) => (classes["4xx"] ?? 0) / count,
    ...limits.map((limitMs) => (counts: Counts) => {
      return countOver(counts.latency, limitMs) / Math.max(1, answers(counts));
    }),
  ];
  return measures.every((measure) => {
    const expected = measure(other) * one.count;
    const noise = Math.max(expected, NOISE_SHARE * one.count);
    const deviation = Math.sqrt(noise * (1 + one.count / other.count));
    return Math.abs(measure(one) * one.count - expected) <= DEVIATIONS * deviation + 1;
  });
}
