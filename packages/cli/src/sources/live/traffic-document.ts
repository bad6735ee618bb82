import { isRecord } from "../../is-record.ts";

/** The windows a service counts over, in seconds. */
export const WINDOWS = [10, 60, 600] as const;

/** One of {@link WINDOWS}. */
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
  /** How requests ended: `2xx` … `5xx`, or an error type such as `ECONNREFUSED`. */
  readonly classes: Readonly<Record<string, number>>;
  /** When the present run of failing began, ISO 8601; null when it is well. */
  readonly failingSince: string | null;
  readonly latency: Latency;
  readonly exemplar: Exemplar | null;
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
    version: typeof value.version === "string" ? value.version : null,
    startedAt: readTime(value.startedAt) ?? "",
    now: readTime(value.now) ?? new Date().toISOString(),
    series: readAll(value.series),
    baseline: Array.isArray(value.baseline) ? readAll(value.baseline) : [],
    changes: Array.isArray(value.changes) ? value.changes.flatMap(readChange) : [],
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
    classes: readClasses(value.classes),
    failingSince: readTime(value.failingSince),
    latency: readLatency(value.latency),
    exemplar: readExemplar(value.exemplar),
  };
}

function readChange(value: unknown): DocumentChange[] {
  if (!isRecord(value)) return [];
  const at = readTime(value.at);
  const { kind, what } = value;
  return at === null || typeof kind !== "string" || typeof what !== "string" ? [] : [{ at, kind, what }];
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

const readCount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;

const readTime = (value: unknown): string | null =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : null;
