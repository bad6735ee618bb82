import { isRecord } from "../../is-record.ts";
import { type DescribedRequests, readDescribed } from "./described.ts";
import { readCount } from "./read-count.ts";
import { type ResourceWindow, readResources } from "./resources.ts";
import { readWorker } from "./workers.ts";

/** The windows a service counts over, in seconds. */
export const WINDOWS = [10, 60, 600] as const;

/** One of `WINDOWS`. */
export type WindowS = (typeof WINDOWS)[number];

/** Latencies of a series: bin `i` holds how many took `(gamma^(i-1), gamma^i]` milliseconds. */
export interface Latency {
  readonly gamma: number;
  readonly bins: readonly (readonly [index: number, count: number])[];
}

/** One recent request of a series, to look up as a trace. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly at: string;
  readonly status: number | string;
  readonly failed: boolean;
  readonly error?: string;
}

/** The requests of one caller on one route (`server`), or to one callee (`client`), in one window. */
export interface Series {
  readonly side: "server" | "client";
  /** Server: the caller's name or `unknown`. Client: `host:port`, or the peer a span was given. */
  readonly peer: string;
  readonly route: string;
  readonly windowS: number;
  /** Requests that ended well or failed; aborted ones are apart. */
  readonly count: number;
  readonly failures: number;
  readonly aborted: number;
  /** Those of `count` that had no answer yet; 0 where the service does not tell. */
  readonly waiting: number;
  /** How requests ended: `2xx` … `5xx`, or an error type such as `ECONNREFUSED`. */
  readonly classes: Readonly<Record<string, number>>;
  /** When the present run of failing began, ISO 8601; null when it is well. */
  readonly failingSince: string | null;
  readonly latency: Latency;
  readonly exemplar: Exemplar | null;
  /** Of a past, whose counts are weights: from how many requests it is known, where the service tells. */
  readonly known?: number;
}

/** Something that was changed in a process. */
export interface DocumentChange {
  /** ISO 8601. */
  readonly at: string;
  /** `start`, `level` or `report`; others may come. */
  readonly kind: string;
  readonly what: string;
}

/** What one instance of a service answers on `GET /debug/traffic`. */
export interface TrafficDocument {
  readonly service: string;
  readonly instance: string;
  /** Which worker of a cluster it is; null where it is none. */
  readonly worker: number | null;
  readonly version: string | null;
  readonly startedAt: string;
  readonly now: string;
  readonly series: readonly Series[];
  /**
   * What each series was like before the longest window: `windowS` 3600 and 86400, what is longer ago counting less.
   * Empty where the service does not tell.
   */
  readonly baseline: readonly Series[];
  /** What was changed in the process, its start included. Empty where the service does not tell. */
  readonly changes: readonly DocumentChange[];
  /** What failed requests were described by that others were not. Empty where the service does not tell. */
  readonly attributes: readonly DescribedRequests[];
  /** What the process had and needed, by window. Empty where the service does not tell. */
  readonly resources: readonly ResourceWindow[];
  /** What became of its spans since its start; null where the service does not tell. */
  readonly spans: SpanCounts | null;
}

/** What became of spans: `ended = exported + unsampled + pending + dropped`. */
export interface SpanCounts {
  readonly ended: number;
  /** Accepted by the receiver. */
  readonly exported: number;
  /** Not sampled, or sent nowhere. */
  readonly unsampled: number;
  readonly pending: number;
  /** By the reason, such as `unreachable`. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** How many seconds an instance has lived: one that has just started has no whole window to show. */
export function lifetimeS({ startedAt, now }: TrafficDocument): number {
  const ms = Date.parse(now) - Date.parse(startedAt);
  return ms >= 1_000 ? ms / 1_000 : Number.isNaN(ms) ? Number.POSITIVE_INFINITY : 1;
}

/** Reads an answer of `/debug/traffic`; null when it is none. Series that make no sense are left out. */
export function readTraffic(value: unknown): TrafficDocument | null {
  if (!isRecord(value) || typeof value.service !== "string" || value.service === "") return null;
  if (!Array.isArray(value.series)) return null;
  return {
    service: value.service,
    instance: typeof value.instance === "string" ? value.instance : "",
    worker: readWorker(value)?.worker ?? null,
    version: typeof value.version === "string" ? value.version : null,
    startedAt: readTime(value.startedAt) ?? "",
    now: readTime(value.now) ?? new Date().toISOString(),
    series: readAll(value.series),
    baseline: Array.isArray(value.baseline) ? readAll(value.baseline) : [],
    changes: Array.isArray(value.changes) ? value.changes.flatMap(readChange) : [],
    attributes: Array.isArray(value.attributes) ? value.attributes.flatMap(readDescribed) : [],
    resources: Array.isArray(value.resources) ? value.resources.flatMap(readResources) : [],
    spans: readSpans(value.spans),
  };
}

const readAll = (values: unknown[]): Series[] => values.map(readSeries).filter((series) => series !== null);

function readSeries(value: unknown): Series | null {
  if (!isRecord(value) || (value.side !== "server" && value.side !== "client")) return null;
  if (typeof value.peer !== "string" || typeof value.route !== "string") return null;
  const count = readCount(value.count);
  return {
    side: value.side,
    peer: value.peer,
    route: value.route,
    windowS: readCount(value.windowS),
    count,
    failures: Math.min(readCount(value.failures), count),
    aborted: readCount(value.aborted),
    waiting: readCount(value.waiting),
    classes: readClasses(value.classes),
    failingSince: readTime(value.failingSince),
    latency: readLatency(value.latency),
    exemplar: readExemplar(value.exemplar),
    ...(readCount(value.known) > 0 ? { known: readCount(value.known) } : {}),
  };
}

function readChange(value: unknown): DocumentChange[] {
  if (!isRecord(value)) return [];
  const at = readTime(value.at);
  const { kind, what } = value;
  return at === null || typeof kind !== "string" || typeof what !== "string" ? [] : [{ at, kind, what }];
}

function readSpans(value: unknown): SpanCounts | null {
  if (!isRecord(value)) return null;
  return {
    ended: readCount(value.ended),
    exported: readCount(value.exported),
    unsampled: readCount(value.unsampled),
    pending: readCount(value.pending),
    dropped: readClasses(value.dropped),
  };
}

function readClasses(value: unknown): Record<string, number> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, count]) => [name, readCount(count)]));
}

function readLatency(value: unknown): Latency {
  if (!isRecord(value) || !Array.isArray(value.bins)) return NO_LATENCY;
  const { gamma, bins } = value;
  if (typeof gamma !== "number" || !(gamma > 1 && gamma <= MAX_GAMMA)) return NO_LATENCY;
  // Up to a week either way: what an index beyond stands for is no latency, and may be no number.
  const limit = Math.log(MAX_LATENCY_MS) / Math.log(gamma) + 1;
  const read = (bins as unknown[]).flatMap((bin): [number, number][] => {
    if (!Array.isArray(bin) || !Number.isInteger(bin[0]) || Math.abs(bin[0]) > limit) return [];
    return readCount(bin[1]) > 0 ? [[bin[0], readCount(bin[1])]] : [];
  });
  return { gamma, bins: read.sort(([a], [b]) => a - b) };
}

const NO_LATENCY: Latency = { gamma: 2, bins: [] };
const MAX_GAMMA = 10;
const MAX_LATENCY_MS = 604_800_000;

function readExemplar(value: unknown): Exemplar | null {
  if (!isRecord(value) || typeof value.traceId !== "string") return null;
  const { status, error } = value;
  return {
    traceId: value.traceId,
    spanId: typeof value.spanId === "string" ? value.spanId : "",
    at: readTime(value.at) ?? "",
    status: typeof status === "number" || typeof status === "string" ? status : "",
    failed: value.failed === true,
    ...(typeof error === "string" ? { error } : {}),
  };
}

const readTime = (value: unknown): string | null =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : null;
