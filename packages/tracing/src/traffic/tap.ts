import type { ServerResponse } from "node:http";
import type { TrafficRecord } from "./record.ts";
import type { Verdict } from "./series.ts";
import { type TapFilter, TapReader, type TapRecord } from "./tap-reader.ts";

const READERS_MAX = 10;

/** Shows requests as they end to whoever follows. Where nobody does it costs nothing. */
export class Tap {
  readonly #service: string;
  readonly #clean: (text: string) => string;
  readonly #readers = new Set<TapReader>();
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
    const reader = new TapReader(filter, response);
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
