import type { ServerResponse } from "node:http";
import { isShuttingDown } from "@whodunit/core";
import type { Verdict } from "./series.ts";
import type { TrafficRecord } from "./traffic.ts";

/** Which requests a reader wants to see. */
export interface TapFilter {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly method: string | undefined;
  readonly route: string | undefined;
  /** A status such as `503`, or a class such as `5xx`. */
  readonly status: string | undefined;
  readonly errors: boolean;
  readonly maxRps: number;
}

const READERS_MAX = 10;
const RATE_DEFAULT = 100;
const RATE_MAX = 10_000;
const STATUS = /^[1-5](?:\d\d|xx)$/;
// A reader that does not read is left behind, not waited for.
const BACKLOG_MAX_BYTES = 256 * 1_024;
const TICK_MS = 1_000;

/** Reads the filter of a query. Returns what is wrong with it instead, as text. */
export function parseFilter(query: URLSearchParams): TapFilter | string {
  const of = (name: string): string | undefined => query.get(name) ?? undefined;
  const rate = of("maxRps");
  const maxRps = rate === undefined ? RATE_DEFAULT : Number(rate);
  if (!Number.isInteger(maxRps) || maxRps < 1 || maxRps > RATE_MAX) {
    return `maxRps wants a whole number from 1 to ${RATE_MAX}`;
  }
  const status = of("status");
  if (status !== undefined && !STATUS.test(status))
    return 'status wants a code such as "503" or a class such as "5xx"';
  return {
    from: of("from"),
    to: of("to"),
    method: of("method")?.toUpperCase(),
    route: of("route"),
    status,
    errors: of("errors") === "true",
    maxRps,
  };
}

/** Shows requests as they end to whoever follows. Where nobody does it costs nothing. */
export class Tap {
  readonly #service: string;
  readonly #clean: (text: string) => string;
  readonly #readers = new Set<Reader>();
  readonly #listen: (listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined) => void;

  /** `listen` is told what to call for each request, and undefined when nobody follows any more. */
  constructor(
    service: string,
    clean: (text: string) => string,
    listen: (listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined) => void,
  ) {
    this.#service = service;
    this.#clean = clean;
    this.#listen = listen;
  }

  get isFull(): boolean {
    return this.#readers.size >= READERS_MAX;
  }

  /** Writes the requests that fit the filter until the reader goes or tracing closes. */
  follow(filter: TapFilter, response: ServerResponse): void {
    // It went while somebody decided whether it may read: its close has been, and comes no more.
    if (response.destroyed) return;
    const reader = new Reader(filter, response);
    this.#readers.add(reader);
    this.#listen((record, verdict) => this.#show(record, verdict));
    response.on("close", () => {
      this.#readers.delete(reader);
      reader.close();
      if (this.#readers.size === 0) this.#listen(undefined);
    });
  }

  close(): void {
    for (const reader of this.#readers) reader.close();
    this.#listen(undefined);
  }

  #show(record: TrafficRecord, verdict: Verdict): void {
    const shown = this.#describe(record, verdict);
    for (const reader of this.#readers) reader.offer(shown);
  }

  #describe(record: TrafficRecord, verdict: Verdict): TapRecord {
    const isServer = record.side === "server";
    const peer = this.#clean(record.peer);
    const method = /^[A-Z_]+(?= |$)/.exec(record.route)?.[0] ?? "";
    const error = verdict === "aborted" ? "aborted" : (record.errorType ?? record.thrown);
    return {
      time: new Date().toISOString(),
      side: record.side,
      from: isServer ? peer : this.#service,
      to: isServer ? this.#service : peer,
      method,
      route: this.#clean(record.route),
      status: record.status ?? null,
      error: error === undefined ? null : this.#clean(error),
      failed: verdict === "failure",
      durationMs: Math.round(record.durationMs * 1_000) / 1_000,
      traceId: record.trace?.traceId ?? null,
    };
  }
}

interface TapRecord {
  readonly time: string;
  readonly side: string;
  readonly from: string;
  readonly to: string;
  readonly method: string;
  readonly route: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly failed: boolean;
  readonly durationMs: number;
  readonly traceId: string | null;
}

class Reader {
  readonly #filter: TapFilter;
  readonly #response: ServerResponse;
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #dropped = 0;

  constructor(filter: TapFilter, response: ServerResponse) {
    this.#filter = filter;
    this.#response = response;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  offer(record: TapRecord): void {
    if (!this.#wants(record)) return;
    if (this.#sent >= this.#filter.maxRps || this.#response.writableLength > BACKLOG_MAX_BYTES)
      this.#dropped++;
    else {
      this.#sent++;
      this.#response.write(`${JSON.stringify(record)}\n`);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#response.end();
  }

  #tick(): void {
    this.#sent = 0;
    if (this.#dropped > 0 && this.#response.writableLength <= BACKLOG_MAX_BYTES) {
      this.#response.write(`${JSON.stringify({ dropped: this.#dropped })}\n`);
      this.#dropped = 0;
    }
    // An open stream would hold the server from closing.
    if (isShuttingDown()) this.close();
  }

  #wants(record: TapRecord): boolean {
    const { from, to, method, route, status, errors } = this.#filter;
    if (errors && !record.failed) return false;
    if (from !== undefined && record.from !== from) return false;
    if (to !== undefined && record.to !== to) return false;
    if (method !== undefined && record.method !== method) return false;
    if (route !== undefined && record.route !== route) return false;
    if (status === undefined) return true;
    return status.endsWith("xx")
      ? Math.floor((record.status ?? 0) / 100) === Number(status[0])
      : record.status === Number(status);
  }
}
