import type { MetricPoint } from "../otlp/metrics.ts";
import { shortName } from "../short-name.ts";
import type { Attributes } from "../span.ts";
import type { MetricMinute } from "./history.ts";

const MINUTE_MS = 60_000;
const MAX_STREAMS = 20_000;
const MAX_SERIES = 5_000;
const MAX_SERIES_OF_A_METRIC = 100;
const MAX_SERIES_LENGTH = 1_000;
// What an SDK calls all series beyond its limit (OpenTelemetry's Metrics SDK, cardinality limits).
const OVERFLOW = '{"otel.metric.overflow":true}';

interface Stream {
  readonly sinceMs: number;
  readonly count: number;
  readonly value: number;
}

/** Adds up data points minute by minute, whether they tell what was added or all since the process began. */
export class MetricMinutes {
  readonly #streams = new Map<string, Stream>();
  readonly #series = new Map<string, Set<string>>();
  #seriesCount = 0;
  #minutes = new Map<string, MetricMinute>();
  readonly #startedMs: number;

  /** @param startedMs when the receiver began: what was counted before is not of the first minute */
  constructor(startedMs: number = Date.now()) {
    this.#startedMs = startedMs;
  }

  add(point: MetricPoint): void {
    const series = seriesOf(point.attributes);
    const added = this.#added(point, series);
    if (added.count === 0) return;
    const own = {
      minute: Math.floor(point.timeMs / MINUTE_MS),
      service: shortName(point.service),
      name: shortName(point.name),
      unit: shortName(point.unit),
      kind: point.kind,
    };
    const kept = this.#admits(`${own.service}\0${own.name}`, series) ? series : OVERFLOW;
    const key = JSON.stringify([own, kept]);
    const before = this.#minutes.get(key);
    this.#minutes.set(key, {
      ...own,
      series: kept,
      points: (before?.points ?? 0) + added.count,
      total: (before?.total ?? 0) + added.value,
    });
  }

  /** What was added since the last time. */
  take(): MetricMinute[] {
    const minutes = [...this.#minutes.values()];
    this.#minutes = new Map();
    return minutes;
  }

  get isEmpty(): boolean {
    return this.#minutes.size === 0;
  }

  #added(point: MetricPoint, series: string): { count: number; value: number } {
    const { countedSinceMs, count, value } = point;
    if (countedSinceMs === null) return { count, value };
    const key = JSON.stringify([point.service, point.instance, point.name, point.kind, series]);
    const before = this.#streams.get(key);
    this.#streams.delete(key);
    this.#streams.set(key, { sinceMs: countedSinceMs, count, value });
    if (this.#streams.size > MAX_STREAMS) this.#streams.delete(this.#streams.keys().next().value!);
    if (before === undefined)
      return countedSinceMs < this.#startedMs ? { count: 0, value: 0 } : { count, value };
    // Another start, or less than before: the process began anew.
    const began = before.sinceMs !== countedSinceMs || value < before.value || count < before.count;
    if (began) return { count, value };
    const more = { count: count - before.count, value: value - before.value };
    return point.kind === "sum" ? { count: 1, value: more.value } : more;
  }

  #admits(metric: string, series: string): boolean {
    const known = this.#series.get(metric) ?? new Set();
    if (known.has(series)) return true;
    if (this.#seriesCount >= MAX_SERIES || known.size >= MAX_SERIES_OF_A_METRIC) return false;
    this.#series.set(metric, known.add(series));
    this.#seriesCount += 1;
    return true;
  }
}

function seriesOf(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, attributes[name]])));
  return text.length <= MAX_SERIES_LENGTH ? text : OVERFLOW;
}
