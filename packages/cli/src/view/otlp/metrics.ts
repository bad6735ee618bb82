import type { MetricKind } from "../history/history.ts";
import type { Attributes } from "../span.ts";
import {
  each,
  type Fields,
  fields,
  inside,
  readAttributes,
  readEnum,
  readNanos,
  readText,
  toMs,
} from "./fields.ts";
import { type ProcessSeen, readProcess } from "./process.ts";

/** One data point of a metric. */
export interface MetricPoint {
  readonly service: string;
  /** The process that measured it; empty where it tells none. */
  readonly instance: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly attributes: Attributes;
  readonly timeMs: number;
  /** Since when it has been counted, where what it tells is all since then; null where it is since the last time. */
  readonly countedSinceMs: number | null;
  /** How many observations: 1 but in histograms. */
  readonly count: number;
  /** A level, or the sum of what was observed. */
  readonly value: number;
}

/** What was in a request. */
export interface ReadMetrics {
  readonly points: readonly MetricPoint[];
  readonly processes: readonly ProcessSeen[];
}

/**
 * Reads a decoded ExportMetricsServiceRequest. Of histograms how many and how much is read, not the buckets.
 *
 * @param nowMs when it came, for points that tell no time
 * @throws TypeError that says where the request has another shape than OTLP's
 */
export function readMetrics(request: unknown, nowMs: number): ReadMetrics {
  const points: MetricPoint[] = [];
  const processes: ProcessSeen[] = [];
  each(fields(request, "request"), "resourceMetrics", (resource) => {
    const process = readProcess(resource);
    processes.push(process);
    each(resource, "scopeMetrics", (scope) => {
      each(scope, "metrics", (metric) => {
        const owner = { service: process.service, instance: process.instance };
        const own = { ...owner, name: readText(metric, "name"), unit: readText(metric, "unit") };
        for (const [kind, read] of KINDS)
          inside(metric, kind, (data) => {
            each(data, "dataPoints", (point) => {
              const one = read(data, point);
              const times = { timeMs: toMs(readNanos(point, "timeUnixNano")) || nowMs };
              if (Number.isFinite(one.value)) points.push({ ...own, ...times, ...one });
            });
          });
      });
    });
  });
  return { points, processes };
}

type Read = Pick<MetricPoint, "kind" | "attributes" | "countedSinceMs" | "count" | "value">;

const TEMPORALITIES = ["UNSPECIFIED", "DELTA", "CUMULATIVE"];
const DELTA = TEMPORALITIES.indexOf("DELTA");

const KINDS: readonly (readonly [kind: string, read: (data: Fields, point: Fields) => Read])[] = [
  ["gauge", (_data, point) => level(point)],
  // What goes up and down is a level, however it is added up.
  [
    "sum",
    (data, point) =>
      data.isMonotonic === true ? { ...level(point), ...added(data, point), kind: "sum" } : level(point),
  ],
  ["histogram", distribution],
  ["exponentialHistogram", distribution],
  ["summary", (_data, point) => distribution({ aggregationTemporality: 2 }, point)],
];

const level = (point: Fields): Read => ({
  kind: "gauge",
  attributes: readAttributes(point),
  countedSinceMs: null,
  count: 1,
  value: numberOf(ownOf(point, "asInt") ?? ownOf(point, "asDouble")),
});

function distribution(data: Fields, point: Fields): Read {
  return {
    kind: "histogram",
    attributes: readAttributes(point),
    ...added(data, point),
    count: numberOf(point.count ?? 0),
    value: numberOf(point.sum ?? 0),
  };
}

function added(data: Fields, point: Fields): Pick<Read, "countedSinceMs"> {
  const temporality = readEnum(data, "aggregationTemporality", "AGGREGATION_TEMPORALITY_", TEMPORALITIES);
  const isDelta = temporality === DELTA;
  return { countedSinceMs: isDelta ? null : toMs(readNanos(point, "startTimeUnixNano")) };
}

// A message of protobuf has the defaults of all its fields on its prototype: a zero there is no value.
const ownOf = (point: Fields, name: string): unknown =>
  Object.hasOwn(point, name) ? point[name] : undefined;

// A number, a text of JSON, or a Long of protobuf; NaN where there is none.
const numberOf = (value: unknown): number =>
  value === undefined || value === null ? Number.NaN : Number(value);
