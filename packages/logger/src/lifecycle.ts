import { setTimeout } from "node:timers/promises";
import { onShutdown, reportFault } from "@whodunit/core";
import { beforeExit } from "./sink/flush-at-exit.ts";
import type { Sink } from "./sink/sink.ts";

const LAST_FLUSH_MS = 800;

/** How the lines of one `createLogger` get out: when asked, at the shutdown of the process, and at the close. */
export class Lifecycle {
  readonly #sink: Sink;
  readonly #settle: () => void;
  readonly #atClose: (() => void)[] = [];

  /** @param settle writes what waits to be told, as that lines were suppressed */
  constructor(sink: Sink, settle: () => void) {
    this.#sink = sink;
    this.#settle = settle;
    const flush = () => this.flush();
    const close = () => this.#flushLast();
    this.#atClose.push(
      beforeExit(settle),
      onShutdown({ phase: "log", name: "logger", timeoutMs: 1_000, close, flush }),
    );
  }

  /** Has `undo` called when the logger is closed. */
  atClose(undo: () => void): void {
    this.#atClose.push(undo);
  }

  flush(): Promise<void> {
    this.#settle();
    return this.#sink.flush();
  }

  async close(): Promise<void> {
    this.#settle();
    for (const undo of this.#atClose.splice(0)) undo();
    try {
      await this.#sink.close();
    } catch (error) {
      reportFault("WHODUNIT_LOG_CLOSE", error);
    }
  }

  // A process that dies of its signal has no exit event: what a stalled reader leaves behind is told here.
  async #flushLast(): Promise<void> {
    const timeout = new AbortController();
    await Promise.race([this.flush(), setTimeout(LAST_FLUSH_MS, undefined, timeout).catch(() => {})]);
    timeout.abort();
    this.#sink.flushSync(0);
  }
}
