import type { MetricMinute } from "../history/history.ts";
import type { FoundMetric } from "../page/browser/answers.ts";
import type { Stretch } from "./find-history.ts";
import type { Placed } from "./segment-folder.ts";

const MINUTE_MS = 60_000;
const MAX_METRICS = 2_000;

interface Found extends Omit<MetricMinute, "minute" | "points" | "total"> {
  readonly steps: ({ points: number; total: number } | undefined)[];
}

/**
 * The metrics of services in a stretch: of each series a value a step. A level is the mean of what was seen; of what is
 * added, what was added a minute; of observations, their mean. Null where nothing was seen.
 */
export function findMetrics(
  segments: readonly Placed[],
  {
    fromMs,
    toMs,
    stepMinutes,
    service,
  }: Stretch & { readonly stepMinutes: number; readonly service?: string | undefined },
): FoundMetric[] {
  const stepMs = stepMinutes * MINUTE_MS;
  const first = Math.floor(fromMs / stepMs);
  const count = Math.max(1, Math.ceil(toMs / stepMs) - first);
  const found = new Map<string, Found>();
  for (const { segment } of segments) {
    const rows = segment
      .prepare("SELECT * FROM metric_minutes WHERE minute >= ? AND minute < ? AND (? IS NULL OR service = ?)")
      .iterate(first * stepMinutes, (first + count) * stepMinutes, service ?? null, service ?? null);
    for (const row of rows as Iterable<unknown> as Iterable<MetricMinute>) {
      const { minute, points, total, ...own } = row;
      const key = JSON.stringify(Object.values(own));
      let metric = found.get(key);
      if (metric === undefined) {
        if (found.size >= MAX_METRICS) continue;
        metric = { ...own, steps: [] };
        found.set(key, metric);
      }
      const at = Math.floor(minute / stepMinutes) - first;
      const before = metric.steps[at];
      metric.steps[at] = { points: points + (before?.points ?? 0), total: total + (before?.total ?? 0) };
    }
  }
  return [...found.values()]
    .map(({ steps, series, ...own }) => ({
      ...own,
      series: JSON.parse(series) as FoundMetric["series"],
      observations: steps.reduce((sum, step) => sum + (step?.points ?? 0), 0),
      values: Array.from({ length: count }, (_, i) => valueIn(own.kind, steps[i], stepMinutes)),
    }))
    .sort(
      (a, b) =>
        order(a.service, b.service) ||
        order(a.name, b.name) ||
        order(JSON.stringify(a.series), JSON.stringify(b.series)),
    );
}

function valueIn(
  kind: MetricMinute["kind"],
  step: { points: number; total: number } | undefined,
  minutes: number,
): number | null {
  if (step === undefined || step.points === 0) return null;
  return kind === "sum" ? step.total / minutes : step.total / step.points;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
