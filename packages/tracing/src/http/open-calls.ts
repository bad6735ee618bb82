import { AsyncLocalStorage } from "node:async_hooks";

const LOOK_EVERY_MS = 1_000;
const COUNT_AFTER_MS = 5_000;
const LOOK_FOR_READER_EVERY_MS = 60_000;

/** A call whose answer has begun and is not at its end. */
export interface OpenCall {
  /** When the headers came, by `performance.now()`. */
  readonly answeredAtMs: number;
  /** Counts it, as far as it has come. */
  count(): void;
  /** Ends it, whatever comes of its answer. */
  leave(): void;
  /** Ends it where nothing of its answer has come since this was asked last; false where something has. */
  endUnread(): boolean;
}

interface Watched {
  readonly call: OpenCall;
  dueAtMs: number;
}

/**
 * Watches over answers that take their time: each is counted five seconds after its headers, and ended after sixty,
 * and every sixty more, unless something of it was read meanwhile. One timer serves all, and runs only while there are
 * any.
 */
export class OpenCalls {
  // Both in the order in which they fall due.
  readonly #uncounted = new Set<OpenCall>();
  readonly #counted = new Map<OpenCall, Watched>();
  // A timer keeps the context that it was made in: none is to keep that of some request.
  readonly #outside = AsyncLocalStorage.snapshot();
  #timer: NodeJS.Timeout | undefined;

  add(call: OpenCall): void {
    this.#uncounted.add(call);
    this.#timer ??= this.#outside(() =>
      setInterval(() => this.look(performance.now()), LOOK_EVERY_MS).unref(),
    );
  }

  delete(call: OpenCall): void {
    if (!this.#uncounted.delete(call)) this.#counted.delete(call);
  }

  /** Does what is due at `nowMs`. */
  look(nowMs: number): void {
    for (const call of this.#uncounted) {
      if (nowMs - call.answeredAtMs < COUNT_AFTER_MS) break;
      this.#uncounted.delete(call);
      this.#counted.set(call, { call, dueAtMs: call.answeredAtMs + LOOK_FOR_READER_EVERY_MS });
      call.count();
    }
    for (const [call, watched] of this.#counted) {
      if (nowMs < watched.dueAtMs) break;
      this.#counted.delete(call);
      if (call.endUnread()) continue;
      watched.dueAtMs = nowMs + LOOK_FOR_READER_EVERY_MS;
      this.#counted.set(call, watched);
    }
    if (this.#uncounted.size + this.#counted.size === 0) this.close();
  }

  /** Watches over none any more: those that are left end, as far as they have come. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const call of [...this.#uncounted, ...this.#counted.keys()]) call.leave();
  }
}
