import { mergeLatency } from "./latency.ts";
import type { Exemplar, Series } from "./traffic-document.ts";

/**
 * Several series added up: failing since the earliest of them, with the latest failed request as exemplar where there
 * is one, else the latest.
 */
export type Counts = Omit<Series, "side" | "peer" | "route" | "windowS">;

/** Adds up series of one window; a single one is its own sum. */
export function addUp(series: readonly (Series | Counts)[]): Counts {
  if (series.length === 1) return series[0]!;
  const classes: Record<string, number> = {};
  for (const one of series) {
    for (const [name, count] of Object.entries(one.classes)) classes[name] = (classes[name] ?? 0) + count;
  }
  const sum = (key: "count" | "failures" | "aborted" | "waiting"): number =>
    series.reduce((n, one) => n + one[key], 0);
  const since = series.flatMap(({ failingSince }) => (failingSince === null ? [] : [failingSince]));
  return {
    count: sum("count"),
    failures: sum("failures"),
    aborted: sum("aborted"),
    waiting: sum("waiting"),
    classes,
    failingSince: since.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null,
    latency: mergeLatency(series.map(({ latency }) => latency)),
    exemplar: pickExemplar(series),
  };
}

/** The share of requests that ended well, 0 to 1; null without requests. */
export function successOf({
  count,
  failures,
}: {
  readonly count: number;
  readonly failures: number;
}): number | null {
  return count === 0 ? null : (count - failures) / count;
}

function pickExemplar(series: readonly (Series | Counts)[]): Exemplar | null {
  let best: Exemplar | null = null;
  for (const { exemplar } of series) {
    if (exemplar === null) continue;
    const better =
      best === null || (exemplar.failed === best.failed ? exemplar.at > best.at : exemplar.failed);
    if (better) best = exemplar;
  }
  return best;
}
