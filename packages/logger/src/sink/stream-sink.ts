import { EventEmitter } from "node:events";
import { reportFault } from "@whodunit/core";
import type { Level } from "../line/level.ts";
import type { Sink } from "./sink.ts";

const WAITING_MAX_BYTES = 8 * 1_048_576;
const FLUSH_POLL_MS = 5;
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
  readonly #destination: LineDestination;
  dropped = 0;

  constructor(destination: LineDestination) {
    this.#destination = destination;
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

  write(line: string, level: Level): void {
    // Error lines go last: they have twice the room.
    const max = level === "error" ? 2 * WAITING_MAX_BYTES : WAITING_MAX_BYTES;
    try {
      if (this.#waiting() > max || this.#destination.writable === false) {
        this.dropped++;
        return;
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
    try {
      if (typeof this.#destination.flush === "function") {
        // As pino's destinations have it: told by the callback when all is out.
        await new Promise<void>((resolve) => void this.#destination.flush?.(() => resolve()));
        return;
      }
      // Streams have no flush.
      while (this.#waiting() > 0 && this.#destination.writable !== false) {
        await new Promise((resolve) => setTimeout(resolve, FLUSH_POLL_MS));
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
