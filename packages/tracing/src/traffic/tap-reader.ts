import type { ServerResponse } from "node:http";
import { isShuttingDown, Rate } from "@whodunit/core";

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

/** A request as a line of the tap shows it. */
export interface TapRecord {
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

/** Who follows the tap: what fits its filter, at most so many a second, never more than it reads. */
export class TapReader {
  readonly #filter: TapFilter;
  readonly #response: ServerResponse;
  readonly #timer: NodeJS.Timeout;
  readonly #rate: Rate;
  #dropped = 0;

  constructor(filter: TapFilter, response: ServerResponse) {
    this.#filter = filter;
    this.#response = response;
    this.#rate = new Rate(filter.maxRps);
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  offer(record: TapRecord): void {
    if (!this.#wants(record)) return;
    // The application may have ended it.
    if (this.#response.writableEnded) return;
    if (this.#response.writableLength > BACKLOG_MAX_BYTES || !this.#rate.admit(performance.now())) {
      this.#dropped++;
    } else this.#response.write(`${JSON.stringify(record)}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#response.end();
  }

  #tick(): void {
    if (
      this.#dropped > 0 &&
      !this.#response.writableEnded &&
      this.#response.writableLength <= BACKLOG_MAX_BYTES
    ) {
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
