import { EventEmitter } from "node:events";
import { reportFault, tellOperator } from "@whodunit/core";
import type { Level } from "../line/level.ts";
import type { Sink } from "./sink.ts";
import { waitFor } from "./wait-for.ts";

const WAITING_MAX_BYTES = 8 * 1_048_576;
const FLUSH_POLL_MS = 5;
// By this a stream of pino's says that it chooses lines by what it is told beside them, as pino.multistream() does.
const METADATA = Symbol.for("pino.metadata");
// Where a line did not come by pino's methods. A stream without a level is one from info on, and takes both.
const NUMBERS: Readonly<Record<Level, number>> = { debug: 30, error: 50 };
const FAULT = "WHODUNIT_LOG_DESTINATION";

/** Anything that takes lines: an array's wrapper, a Writable, a pino transport. */
export interface LineDestination {
  /** Takes one line with its line feed, or a few of them. To throw, or to reject, counts a line as dropped. */
  write(line: string): unknown;
  /** What waits inside, in bytes, as streams tell it. */
  readonly writableLength?: number;
  /** False once it takes no more, as streams tell it. */
  readonly writable?: boolean;
  /** Calls `done` when everything is out. */
  flush?(done: (error?: Error | null) => void): unknown;
  /** Gets everything out before it returns; called on the way out of the process. */
  flushSync?(): unknown;
}

const onError = (error: unknown): void => reportFault(FAULT, error);

/** Lines into an object of the caller's: each at once, none when too much waits inside already. */
export class StreamSink implements Sink {
  readonly #destination: LineDestination & { lastLevel?: number; lastMsg?: string; lastObj?: object };
  readonly #isTold: boolean;
  dropped = 0;

  constructor(destination: LineDestination) {
    this.#destination = destination;
    this.#isTold = (destination as { [METADATA]?: unknown })[METADATA] === true;
    // A stream's error that nobody listens for would end the process. Once is enough for any number of loggers.
    if (destination instanceof EventEmitter && !destination.listeners("error").includes(onError)) {
      destination.on("error", onError);
    }
  }

  get full(): boolean {
    return this.#waiting() > WAITING_MAX_BYTES;
  }

  // No getter: a private one is slow.
  #waiting(): number {
    try {
      return this.#destination.writableLength ?? 0;
    } catch {
      // The destination is the caller's: what it cannot tell is not waiting.
      return 0;
    }
  }

  drop(): void {
    this.dropped++;
  }

  write(line: string, level: Level, name: string, number?: number): void {
    // Error lines go last: they have twice the room.
    const max = level === "error" ? 2 * WAITING_MAX_BYTES : WAITING_MAX_BYTES;
    try {
      if (this.#waiting() > max || this.#destination.writable === false) {
        this.dropped++;
        return;
      }
      if (this.#isTold) {
        this.#destination.lastLevel = number ?? NUMBERS[level];
        this.#destination.lastMsg = name;
        // pino's would be the caller's, not redacted.
        this.#destination.lastObj = {};
      }
      const answer = this.#destination.write(line);
      if (answer instanceof Promise) answer.catch(this.#onFault);
    } catch (error) {
      this.#onFault(error);
    }
  }

  readonly #onFault = (error: unknown): void => {
    this.dropped++;
    reportFault(FAULT, error);
  };

  async flush(): Promise<void> {
    const asked = { ended: false };
    const done = this.#flushed(asked);
    // What a reader takes is seen where the destination says how much waits.
    const waiting =
      typeof this.#destination.writableLength === "number" ? () => this.#waiting() : () => undefined;
    if (await waitFor(done, waiting)) return;
    asked.ended = true;
    const text =
      "the log's destination takes nothing, or does not say when all is out; what waits is left to it";
    tellOperator({ level: "error", msg: "whodunit-log-flush-late", text, dropped: this.dropped });
  }

  async #flushed(asked: { readonly ended: boolean }): Promise<void> {
    try {
      if (typeof this.#destination.flush === "function") {
        // As pino's destinations have it: told by the callback when all is out.
        await new Promise<void>((resolve) => void this.#destination.flush?.(() => resolve()));
        return;
      }
      // Streams have no flush.
      while (!asked.ended && this.#waiting() > 0 && this.#destination.writable !== false) {
        await new Promise((resolve) => setTimeout(resolve, FLUSH_POLL_MS).unref());
      }
    } catch (error) {
      reportFault(FAULT, error);
    }
  }

  flushSync(): void {
    try {
      this.#destination.flushSync?.();
    } catch {
      // On the way out: a destination that is not ready has nobody left to tell.
    }
  }

  close(): Promise<void> {
    return this.flush();
  }
}
