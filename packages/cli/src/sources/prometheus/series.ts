import type { Latency, Series } from "../live/traffic-document.ts";
import { latencyOf } from "./bucket-latency.ts";
import type { Sample } from "./client.ts";
import type { Dialect, SeriesNames } from "./dialects.ts";

/** One caller or callee and one route, counted. */
interface Cell {
  readonly side: "server" | "client";
  readonly peer: string;
  readonly route: string;
  successes: number;
  failures: number;
  aborted: number;
  readonly classes: Record<string, number>;
}

interface Histogram {
  readonly names: SeriesNames;
  readonly buckets: Map<number, number>;
  sumMs: number | undefined;
}

/** What one instance counted in one window. */
class Counted {
  readonly cells = new Map<string, Cell>();
  readonly histograms = new Map<string, Histogram>();

  cell({ side, peer = "unknown", route = "*" }: SeriesNames): Cell {
    const key = JSON.stringify([side, peer, route]);
    const known = this.cells.get(key);
    if (known !== undefined) return known;
    const cell: Cell = { side, peer, route, successes: 0, failures: 0, aborted: 0, classes: {} };
    this.cells.set(key, cell);
    return cell;
  }

  histogram(names: SeriesNames): Histogram {
    const key = JSON.stringify([names.side, names.peer, names.route]);
    const known = this.histograms.get(key);
    if (known !== undefined) return known;
    const histogram: Histogram = { names, buckets: new Map(), sumMs: undefined };
    this.histograms.set(key, histogram);
    return histogram;
  }
}

/** What each instance counted in a window, as services tell it of themselves. */
export function seriesByInstance(
  grown: readonly Sample[],
  dialect: Dialect,
  windowS: number,
  instanceOf: (names: SeriesNames) => string,
): Map<string, Series[]> {
  const instances = new Map<string, Counted>();
  for (const { labels, value } of grown) {
    const { __name__: metric = "" } = labels;
    const names = dialect.read(labels);
    if (names === null) continue;
    const key = instanceOf(names);
    const counted = instances.get(key) ?? new Counted();
    instances.set(key, counted);
    if (dialect.counters.includes(metric)) count(counted.cell(names), names, value);
    else if (metric.endsWith("_sum")) {
      const histogram = counted.histogram(names);
      histogram.sumMs = (histogram.sumMs ?? 0) + value * dialect.unitMs;
    } else if (metric.endsWith("_bucket")) {
      const { buckets } = counted.histogram(names);
      const boundMs = boundOf(labels.le) * dialect.unitMs;
      buckets.set(boundMs, (buckets.get(boundMs) ?? 0) + value);
    }
  }
  return new Map([...instances].map(([key, counted]) => [key, seriesOf(counted, windowS)]));
}

const boundOf = (le = ""): number => (le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le));

function count(cell: Cell, { outcome, className }: SeriesNames, by: number): void {
  const add = (name: string, more: number): void => {
    cell.classes[name] = Math.max(0, (cell.classes[name] ?? 0) + more);
  };
  if (outcome === "aborted") {
    cell.aborted += by;
    return;
  }
  add(className, by);
  if (outcome === "success") cell.successes += by;
  else cell.failures += by;
  // It was counted as a success before.
  if (outcome === "late_failure") {
    cell.successes -= by;
    add("2xx", -by);
  }
}

function seriesOf({ cells, histograms }: Counted, windowS: number): Series[] {
  const latencies = new Map<Cell, Latency[]>();
  for (const { names, buckets, sumMs } of histograms.values()) {
    const own = [...cells.values()].filter(
      ({ side, peer, route }) =>
        side === names.side && peer === (names.peer ?? peer) && route === (names.route ?? route),
    );
    const all = own.reduce((sum, cell) => sum + answered(cell), 0);
    if (all === 0) continue;
    const latency = latencyOf({ cumulative: ascending(buckets, all, sumMs), sumMs });
    // A histogram of several callers is each one's by its part of the requests.
    for (const cell of own) {
      const part = answered(cell) / all;
      latencies.set(cell, [...(latencies.get(cell) ?? []), scaled(latency, part)]);
    }
  }
  const asked = [...cells.values()].filter((cell) => answered(cell) + cell.aborted > 0);
  return asked.map((cell): Series => {
    const { side, peer, route, classes, aborted } = cell;
    const failures = Math.min(cell.failures, answered(cell));
    return {
      ...{ side, peer, route, windowS, classes, aborted, failures, count: answered(cell) },
      ...{ waiting: 0, failingSince: null, exemplar: null },
      ...{ latency: latencies.get(cell)?.[0] ?? { gamma: 2, bins: [] } },
    };
  });
}

const answered = ({ successes, failures }: Cell): number => Math.max(0, successes) + failures;

const scaled = ({ gamma, bins }: Latency, part: number): Latency =>
  part === 1 ? { gamma, bins } : { gamma, bins: bins.map(([index, n]) => [index, n * part] as const) };

/** Where nobody asked for buckets, all that is known is the mean: everything took as long. */
function ascending(
  buckets: ReadonlyMap<number, number>,
  all: number,
  sumMs: number | undefined,
): (readonly [number, number])[] {
  if (buckets.size > 0) return [...buckets].sort(([a], [b]) => a - b);
  if (sumMs === undefined || sumMs === 0) return [];
  const meanMs = sumMs / all;
  return [
    [meanMs / 1.01, 0],
    [meanMs * 1.01, all],
  ];
}
