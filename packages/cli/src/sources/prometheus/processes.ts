import { addUp } from "../live/counts.ts";
import type { ResourceWindow, Waits } from "../live/resources.ts";
import type { Instance } from "../live/survey.ts";
import type { DocumentChange, Exemplar, Series } from "../live/traffic-document.ts";
import type { Points, Sample, StoredExemplar } from "./client.ts";
import type { Dialect, SeriesNames } from "./dialects.ts";
import { addressOf, type Known } from "./peers.ts";

/** A process, as what a store holds of it makes its document. */
export interface Process extends Known {
  readonly instance: string;
  readonly version: string | null;
  startS: number | undefined;
  series: Series[];
  baseline: Series[];
  changes: DocumentChange[];
  resources: ResourceWindow[];
}

/** Tells processes apart. */
export const keyOf = ({ service, instance }: Pick<SeriesNames, "service" | "instance">): string =>
  `${service}\0${instance}`;

/** The instance that a process is to whoever reads surveys. */
export function instanceOf(process: Process, atS: number): Instance {
  const { service, instance, version, startS, series, baseline, changes, resources } = process;
  const now = isoTime(atS);
  return {
    ...addressOf(process, instance),
    document: {
      ...{ service, instance, worker: null, version, now, series, baseline, changes, resources },
      startedAt: startS === undefined ? "" : isoTime(startS),
      attributes: [],
      spans: null,
    },
  };
}

export const isoTime = (atS: number): string => new Date(atS * 1_000).toISOString();

/** The same series of several stretches as one. */
export function addUpSeries(all: readonly Series[], windowS: number): Series[] {
  const same = Map.groupBy(all, ({ side, peer, route }) => JSON.stringify([side, peer, route]));
  return [...same.values()].map((series) => ({ ...series[0]!, ...addUp(series), windowS }));
}

// No two failures of one run are further apart (tracing, FAILING_RUN_MS), and no two looks either.
const RUN_S = 60;

/**
 * When each series' present run of failing began, by side, peer and route. What is well has none, and what has failed for
 * as long as was looked at: nobody knows since when.
 */
export function failingSince(
  counters: readonly Points[],
  dialect: Dialect,
  service: string,
  { fromS, toS }: { readonly fromS: number; readonly toS: number },
): Map<string, string> {
  const steps = new Map<string, Map<number, number>>();
  for (const { labels, points } of counters) {
    const names = dialect.read(labels);
    if (names === null || names.service !== service) continue;
    if (names.outcome !== "failure" && names.outcome !== "late_failure") continue;
    const key = seriesKey(names);
    const grown = steps.get(key) ?? new Map<number, number>();
    steps.set(key, grown);
    points.forEach(([at, value], i) => {
      const was = points[i - 1]?.[1] ?? (at > (counters[0]?.points[0]?.[0] ?? at) ? 0 : value);
      const by = value >= was ? value - was : value;
      if (by > 0) grown.set(at, (grown.get(at) ?? 0) + by);
    });
  }
  return new Map(
    [...steps].flatMap(([key, grown]): [string, string][] => {
      const since = runOf(
        [...grown.keys()].sort((a, b) => a - b),
        toS,
      );
      return since === undefined || since - fromS <= RUN_S ? [] : [[key, isoTime(since)]];
    }),
  );
}

function runOf(times: readonly number[], atS: number): number | undefined {
  let since: number | undefined;
  let next = atS;
  for (const at of times.toReversed()) {
    if (next - at > RUN_S) break;
    since = at;
    next = at;
  }
  return since;
}

/** Tells series of a process apart. */
export const seriesKey = ({ side, peer, route }: Pick<SeriesNames, "side" | "peer" | "route">): string =>
  JSON.stringify([side, peer ?? "unknown", route ?? "*"]);

/** The latest failed request of each series, by the process and the series. */
export function failedRequests(
  exemplars: readonly StoredExemplar[],
  dialect: Dialect,
): Map<string, Exemplar> {
  const latest = new Map<string, { atS: number; exemplar: Exemplar }>();
  for (const { series, labels, atS } of exemplars) {
    const names = dialect.read(series);
    const traceId = labels.trace_id ?? labels.traceID ?? labels.traceId;
    if (names === null || traceId === undefined) continue;
    const failed = names.outcome === "failure" || names.outcome === "late_failure";
    const key = `${keyOf(names)}\0${seriesKey(names)}`;
    const known = latest.get(key);
    const isBetter = known === undefined || (known.exemplar.failed === failed ? atS > known.atS : failed);
    if (!isBetter) continue;
    const spanId = labels.span_id ?? labels.spanID ?? "";
    const exemplar = { traceId, spanId, at: isoTime(atS), status: names.className, failed };
    latest.set(key, { atS, exemplar });
  }
  return new Map([...latest].map(([key, { exemplar }]) => [key, exemplar]));
}

/** What was changed in a process. */
export function changesOf(samples: readonly Sample[]): DocumentChange[] {
  return samples
    .map(({ labels, value }) => ({
      at: isoTime(value),
      kind: labels.kind ?? "report",
      what: labels.what ?? "",
    }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

type Measures = Omit<ResourceWindow, "windowS" | "seconds" | "waits">;

const NONE: Measures = {
  ...{ loopShare: 0, delayMaxMs: 0, gcShare: 0, gcLongestMs: 0, cpuLimit: null },
  ...{ throttledShare: null, queuedShare: null, heapBytes: 0, heapLimitBytes: null, rssBytes: 0 },
  rssLimitBytes: null,
};

const READ: Readonly<Record<string, [keyof Measures, number]>> = {
  whodunit_eventloop_utilization_ratio: ["loopShare", 1],
  whodunit_eventloop_delay_max_seconds: ["delayMaxMs", 1_000],
  whodunit_gc_ratio: ["gcShare", 1],
  whodunit_gc_longest_seconds: ["gcLongestMs", 1_000],
  whodunit_cpu_limit: ["cpuLimit", 1],
  whodunit_cpu_throttled_ratio: ["throttledShare", 1],
  whodunit_cpu_queued_ratio: ["queuedShare", 1],
  whodunit_memory_heap_bytes: ["heapBytes", 1],
  whodunit_memory_heap_limit_bytes: ["heapLimitBytes", 1],
  whodunit_memory_rss_bytes: ["rssBytes", 1],
  whodunit_memory_rss_limit_bytes: ["rssLimitBytes", 1],
};
const [WAITING, LIMIT] = ["whodunit_connections_waiting", "whodunit_connections_limit"];

/** The metrics of what a process has and needs. */
export const RESOURCES: readonly string[] = [...Object.keys(READ), WAITING, LIMIT];

/** What a process had in each window, from what it told of each minute. */
export function resourceWindows(
  points: readonly Points[],
  windows: Iterable<number>,
  atS: number,
): ResourceWindow[] {
  if (points.length === 0) return [];
  return [...windows].map((windowS): ResourceWindow => {
    const within = ({ points: all }: Points): number[] =>
      all.flatMap(([at, value]) => (at > atS - windowS ? [value] : []));
    const told = points.flatMap((one): [string, number][] => {
      const known = READ[one.labels.__name__ ?? ""];
      const values = within(one);
      if (known === undefined || values.length === 0) return [];
      const [name, factor] = known;
      const isMost = name === "delayMaxMs" || name === "gcLongestMs";
      return [[name, factor * (isMost ? Math.max(...values) : mean(values))]];
    });
    const limits = points.filter(({ labels }) => labels.__name__ === LIMIT);
    const waits = points
      .filter(({ labels }) => labels.__name__ === WAITING)
      .flatMap((one): Waits[] => {
        const values = within(one);
        const { kind = "", name = "" } = one.labels;
        const size = limits.find(({ labels }) => labels.kind === kind && labels.name === name);
        return values.length === 0
          ? []
          : [{ kind, name, waiting: mean(values), size: size?.points.at(-1)?.[1] ?? null }];
      });
    return { windowS, seconds: windowS, ...NONE, ...Object.fromEntries(told), waits };
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
