import { bound, label, OPEN_METRICS_TYPE, PROMETHEUS_TEXT_TYPE } from "@whodunit/core";
import type { ResourceWindow } from "../resources/resources.ts";
import type { DurationExemplar, Durations } from "./durations.ts";
import type { Trace } from "./outcome-counts.ts";
import type { Shown } from "./shown-series.ts";
import type { TrafficChange } from "./snapshot.ts";

/** How a scraper reads: OpenMetrics 1.0, or Prometheus' own text format 0.0.4, which has neither exemplars nor units. */
export type ScrapeFormat = "openmetrics" | "prometheus";

/** The `content-type` of each format. */
export const SCRAPE_TYPES: Readonly<Record<ScrapeFormat, string>> = {
  openmetrics: OPEN_METRICS_TYPE,
  prometheus: PROMETHEUS_TEXT_TYPE,
};

/** All that a scraper is told of a process. */
export interface Scraped {
  readonly service: string;
  readonly instance: string;
  readonly version: string | null;
  readonly startedAtMs: number;
  readonly shown: Shown;
  /** Undefined in the first second. */
  readonly resources: ResourceWindow | undefined;
  readonly changes: readonly TrafficChange[];
  readonly nowMs: number;
  readonly toWallMs: (atMs: number) => number;
}

// What is older is no example of what goes on.
const RECENT_MS = 600_000;
const CHANGES_MAX = 6;
const WAITS_MAX = 4;

/** One family of metrics; its name without what the type appends. */
interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** The last word of the name, where it is a unit. */
  readonly unit?: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  /** Appended to the family's name. @default "" */
  readonly suffix?: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  readonly exemplar?: { readonly of: DurationExemplar; readonly value: number } | undefined;
}

/** The text of a scrape: at most 300 series. Names as OpenTelemetry makes them for Prometheus: units spelled out, `_total`. */
export function renderScrape(scraped: Scraped, format: ScrapeFormat): string {
  const { service, instance, version } = scraped;
  const own = [
    label("service_name", service),
    label("service_instance_id", instance),
    ...(version === null ? [] : [label("service_version", version)]),
  ].join(",");
  const families = [
    ...processFamilies(scraped),
    ...resourceFamilies(scraped.resources),
    requests(scraped),
    durations(scraped),
  ];
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => [
      ...head(family, format),
      ...family.samples.map((sample) => {
        const labels = [own, ...sample.labels.map(([name, value]) => label(name, value))].join(",");
        const exemplar = format === "openmetrics" ? exemplarText(sample.exemplar, scraped) : "";
        return `${family.name}${sample.suffix ?? ""}{${labels}} ${sample.value}${exemplar}`;
      }),
    ]);
  return `${[...lines, ...(format === "openmetrics" ? ["# EOF"] : [])].join("\n")}\n`;
}

function head({ name, type, unit }: Family, format: ScrapeFormat): string[] {
  // Prometheus' own format calls a counter by the name of its samples.
  if (format === "prometheus") return [`# TYPE ${name}${type === "counter" ? "_total" : ""} ${type}`];
  return [`# TYPE ${name} ${type}`, ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`])];
}

function processFamilies({ startedAtMs, changes }: Scraped): Family[] {
  const told = changes.filter(({ kind }) => kind !== "start").slice(-CHANGES_MAX);
  // The latest of the same.
  const changed = new Map(told.map((change) => [`${change.kind} ${change.what}`, change]));
  return [
    {
      ...{ name: "whodunit_start_time_seconds", type: "gauge", unit: "seconds" },
      samples: [{ labels: [], value: startedAtMs / 1_000 }],
    },
    {
      ...{ name: "whodunit_change_time_seconds", type: "gauge", unit: "seconds" },
      samples: [...changed.values()].map(({ at, kind, what }) => ({
        labels: [["kind", kind] as const, ["what", what] as const],
        value: Date.parse(at) / 1_000,
      })),
    },
  ];
}

function resourceFamilies(window: ResourceWindow | undefined): Family[] {
  if (window === undefined) return [];
  const { eventLoop, gc, cpu, memory, waits } = window;
  const gauge = (name: string, value: number | null, unit?: string): Family => ({
    ...{ name: `whodunit_${name}`, type: "gauge", ...(unit === undefined ? {} : { unit }) },
    samples: value === null ? [] : [{ labels: [], value }],
  });
  const seconds = (ms: number): number => ms / 1_000;
  // Of each name once: what more of them wait for.
  const isFirst = ({ kind, name }: (typeof waits)[number], i: number): boolean =>
    waits.findIndex((one) => one.kind === kind && one.name === name) === i;
  const waiting = waits.filter(isFirst).slice(0, WAITS_MAX);
  const labels = ({ kind, name }: (typeof waits)[number]) => [
    ["kind", kind] as const,
    ["name", name] as const,
  ];
  return [
    gauge("eventloop_utilization_ratio", eventLoop.utilization, "ratio"),
    gauge("eventloop_delay_mean_seconds", seconds(eventLoop.delayMs.mean), "seconds"),
    gauge("eventloop_delay_max_seconds", seconds(eventLoop.delayMs.max), "seconds"),
    gauge("gc_ratio", gc.share, "ratio"),
    gauge("gc_longest_seconds", seconds(gc.longestMs), "seconds"),
    gauge("cpu_used", cpu.used),
    gauge("cpu_limit", cpu.limit),
    gauge("cpu_throttled_ratio", cpu.throttled, "ratio"),
    gauge("cpu_queued_ratio", cpu.queued, "ratio"),
    gauge("memory_heap_bytes", memory.heapBytes, "bytes"),
    gauge("memory_heap_limit_bytes", memory.heapLimitBytes, "bytes"),
    gauge("memory_rss_bytes", memory.rssBytes, "bytes"),
    gauge("memory_rss_limit_bytes", memory.rssLimitBytes, "bytes"),
    {
      ...{ name: "whodunit_connections_waiting", type: "gauge" },
      samples: waiting.map((one) => ({ labels: labels(one), value: one.waiting })),
    },
    {
      ...{ name: "whodunit_connections_limit", type: "gauge" },
      samples: waiting.flatMap((one) =>
        one.size === null ? [] : [{ labels: labels(one), value: one.size }],
      ),
    },
  ];
}

function requests({ shown }: Scraped): Family {
  return {
    ...{ name: "whodunit_requests", type: "counter" },
    samples: shown.counts.flatMap(({ side, peer, route, outcomes }) =>
      outcomes.rows.map(({ className, outcome, count, trace }): Sample => {
        return {
          suffix: "_total",
          labels: [
            ["side", side],
            ["peer", peer],
            ["route", route],
            ["class", className],
            ["outcome", outcome],
          ],
          value: count,
          exemplar: countedExemplar(trace),
        };
      }),
    ),
  };
}

/** Times to headers. */
function durations({ shown }: Scraped): Family {
  return {
    ...{ name: "whodunit_request_duration_seconds", type: "histogram", unit: "seconds" },
    samples: shown.latencies.flatMap(({ side, name, durations: own }) =>
      histogram([["side", side], side === "server" ? ["route", name] : ["peer", name]], own),
    ),
  };
}

function histogram(labels: Sample["labels"], own: Durations): Sample[] {
  let count = 0;
  const buckets = own.buckets().map((bucket): Sample => {
    count += bucket.count;
    const { exemplar } = bucket;
    return {
      suffix: "_bucket",
      labels: [...labels, ["le", bound(bucket.bound)]],
      value: count,
      exemplar: exemplar === undefined ? undefined : { of: exemplar, value: exemplar.durationMs / 1_000 },
    };
  });
  return [
    ...buckets,
    { suffix: "_count", labels, value: count },
    { suffix: "_sum", labels, value: own.sumMs / 1_000 },
  ];
}

const countedExemplar = (trace: Trace | undefined): Sample["exemplar"] =>
  trace === undefined ? undefined : { of: trace, value: 1 };

function exemplarText(exemplar: Sample["exemplar"], { nowMs, toWallMs }: Scraped): string {
  if (exemplar === undefined || nowMs - exemplar.of.atMs > RECENT_MS) return "";
  const { traceId, spanId, atMs } = exemplar.of;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${exemplar.value} ${toWallMs(atMs) / 1_000}`;
}
