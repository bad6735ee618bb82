import { tellOperator } from "@whodunit/core";
import type { Level } from "../line/level.ts";
import type { LineBuffer } from "../line/line-buffer.ts";
import { Backlog } from "./backlog.ts";
import type { Descriptor } from "./descriptor.ts";
import type { DroppedLines, Sink } from "./sink.ts";
import { waitFor } from "./wait-for.ts";

const BATCH_LENGTH = 16_384;
const BATCH_DELAY_MS = 10;
const BACKLOG_LENGTH = 8 * 1_048_576;
const CHUNK_LENGTH = 65_536;
const BUFFER_LENGTH = 2 * CHUNK_LENGTH;
const LINE_FEED = 10;
const RETRY_LINES = 64;
const RETRY_MIN_MS = 1;
const RETRY_MAX_MS = 20;
const EXIT_STALL_MS = 800;
const EXIT_TOTAL_MS = 5_000;
const EXIT_POLL_MS = 5;
const SLEEP = new Int32Array(new SharedArrayBuffer(4));
// Full, interrupted, or out of space for now.
const RETRYABLE = new Set(["EAGAIN", "EWOULDBLOCK", "EINTR", "ENOSPC", "ENOBUFS"]);

/**
 * Lines into a descriptor. Error lines go out at once with what waits before them, debug lines in batches of
 * 16 KB or 10 ms. Where the descriptor takes no more, lines wait in a bounded backlog and are retried.
 */
export class FdSink implements Sink {
  readonly #descriptor: Descriptor;
  readonly #onDropped: (dropped: DroppedLines) => void;
  readonly #backlog = new Backlog(BACKLOG_LENGTH);
  // The batch: so many bytes of the buffer.
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_LENGTH);
  #length = 0;
  #batchTimer: NodeJS.Timeout | undefined;
  // What the descriptor did not take of the last batch. It ends with a line's end, so it must go out whole.
  #rest: Buffer | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MIN_MS;
  // Lines that came since the destination was last tried because of them.
  #untried = 0;
  #waiters: (() => void)[] = [];
  #failure: string | undefined;
  // The code by which the descriptor last refused.
  #refusal: string | undefined;
  // In bytes, ever.
  #taken = 0;
  // Of a stall, that somebody waited for its end in vain.
  #toldLate = false;
  #lost = 0;
  // At the end of the process no timer comes back for a batch.
  #leaving = false;

  /** @param onDropped told when a stall ends in which lines were dropped */
  constructor(descriptor: Descriptor, onDropped: (dropped: DroppedLines) => void) {
    this.#descriptor = descriptor;
    this.#onDropped = onDropped;
  }

  get dropped(): number {
    return this.#backlog.droppedTotal + this.#lost;
  }

  get full(): boolean {
    return this.#failure !== undefined || this.#backlog.full;
  }

  drop(level: Level, name: string): void {
    if (this.#failure === undefined) this.#backlog.drop(level, name);
    else this.#lost++;
    this.#retryNow();
  }

  write(line: string, level: Level, name: string): void {
    const { length } = line;
    // A UTF-16 code unit takes at most three bytes.
    if (this.#length + 3 * length > BUFFER_LENGTH) this.#writeBatch();
    if (this.#waits()) {
      this.#keep(line, level, name);
    } else if (3 * length > BUFFER_LENGTH) {
      this.#writeBytes(Buffer.from(line));
      if (this.#leaving) this.flushSync();
    } else {
      this.#length += this.#buffer.write(line, this.#length);
      this.#batched(level);
    }
  }

  writeBuffer(buffer: LineBuffer, level: Level, name: string): void {
    if (this.#length + buffer.length > BUFFER_LENGTH) this.#writeBatch();
    if (this.#waits() || buffer.length > BUFFER_LENGTH) {
      this.write(buffer.whole, level, name);
    } else {
      this.#length += buffer.copyTo(this.#buffer, this.#length);
      this.#batched(level);
    }
  }

  async flush(): Promise<void> {
    this.#writeAll();
    if (this.#rest === undefined) return;
    let resolve = (): void => {};
    const done = new Promise<void>((settle) => {
      resolve = settle;
    });
    this.#waiters.push(resolve);
    if (await waitFor(done, () => this.#taken)) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter !== resolve);
    if (this.#toldLate) return;
    this.#toldLate = true;
    const text = `the log's destination ${this.#reason()}; what waits is tried on`;
    tellOperator({ level: "error", msg: "whodunit-log-flush-late", text, dropped: this.dropped });
  }

  flushSync(stallMs?: number): void {
    this.#leaving ||= stallMs === undefined;
    this.#writeAll();
    // Not by the clock of the day: set back at this moment, it would keep the process from its end.
    const start = performance.now();
    let progress = start;
    while (this.#rest !== undefined) {
      const rest: Buffer = this.#rest;
      this.#writeRest();
      const now = performance.now();
      if (this.#rest !== rest) progress = now;
      else if (now - progress >= (stallMs ?? EXIT_STALL_MS)) break;
      else Atomics.wait(SLEEP, 0, 0, EXIT_POLL_MS);
      if (now - start > EXIT_TOTAL_MS) break;
    }
    if (this.#rest === undefined) return;
    // What a listener of the exit logs after that must not wait again.
    if (this.#leaving) this.#failure = "stalled";
    this.#abandon(this.#reason());
  }

  async close(): Promise<void> {
    await this.flush();
    // Others log meanwhile.
    this.#writeAll();
    if (this.#rest !== undefined) this.#abandon(this.#reason());
    if (this.#failure !== undefined) return;
    this.#failure = "closed";
    clearTimeout(this.#retryTimer);
    this.#descriptor.close();
  }

  #waits(): boolean {
    return this.#failure !== undefined || this.#rest !== undefined;
  }

  #keep(line: string, level: Level, name: string): void {
    if (this.#failure === undefined) this.#backlog.push(line, level, name);
    else this.#lost++;
    this.#retryNow();
  }

  // Timers do not run while a service computes, and a reader that reads needs no millisecond: so whoever logs much in
  // one go has his lines out, too. What was dropped is told by the timer, since here a line is being written.
  #retryNow(): void {
    if (++this.#untried < RETRY_LINES) return;
    this.#untried = 0;
    this.#drain();
  }

  #batched(level: Level): void {
    if (this.#leaving) this.flushSync();
    else if (level === "error" || this.#length >= BATCH_LENGTH) this.#writeBatch();
    else this.#batchTimer ??= setTimeout(() => this.#writeBatch(), BATCH_DELAY_MS).unref();
  }

  // Not while a line is being written: this may write one.
  #writeAll(): void {
    this.#writeBatch();
    if (this.#rest === undefined) this.#endStall();
  }

  #writeBatch(): void {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    const length = this.#length;
    if (length === 0) return;
    this.#length = 0;
    this.#writeBytes(this.#buffer.subarray(0, length));
  }

  #writeBytes(bytes: Buffer): void {
    let from = 0;
    try {
      while (from < bytes.length) from += this.#descriptor.write(bytes, from);
      this.#rest = undefined;
      this.#toldLate = false;
      this.#retryMs = RETRY_MIN_MS;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#refusal = code;
      // The batch's place is written over by the next: what is left needs one of its own.
      if (from > 0 || bytes !== this.#rest) this.#rest = Buffer.from(bytes.subarray(from));
      if (code !== undefined && RETRYABLE.has(code)) this.#retryTimer ??= this.#retryLater();
      else this.#fail(code ?? "an error");
    }
    this.#taken += from;
  }

  #retryLater(): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#writeRest();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
    // Who waits for the reader keeps the process alive.
    return timer.unref();
  }

  #writeRest(): void {
    this.#drain();
    if (this.#rest === undefined) this.#endStall();
  }

  #drain(): void {
    if (this.#rest !== undefined) this.#writeBytes(this.#rest);
    while (this.#rest === undefined && !this.#backlog.empty) {
      this.#writeBytes(Buffer.from(this.#backlog.take(CHUNK_LENGTH).text));
    }
  }

  #endStall(): void {
    const dropped = this.#backlog.takeDropped();
    if (dropped !== undefined && this.#failure === undefined) {
      this.#onDropped(dropped);
      this.#writeBatch();
      // It stalls again, and whoever waits goes on to.
      if (this.#rest !== undefined) return;
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  // Why what waits does not go out.
  #reason(): string {
    return this.#refusal === "ENOSPC" ? "has no space left (ENOSPC)" : "has a reader that stalls";
  }

  // Nobody will read any more: the service goes on without its log.
  #fail(code: string): void {
    this.#failure = code;
    this.#abandon(`failed with ${code}`);
    this.#endStall();
  }

  // Gives up what waits, and says so where the operator may see it.
  #abandon(reason: string): void {
    let lines = 0;
    for (const byte of this.#rest ?? []) if (byte === LINE_FEED) lines++;
    while (!this.#backlog.empty) lines += this.#backlog.take(CHUNK_LENGTH).lines;
    this.#lost += lines;
    this.#rest = undefined;
    tellOperator({
      level: "error",
      msg: "whodunit-log-undelivered",
      text: `the log's destination ${reason}`,
      lines,
      dropped: this.dropped,
    });
  }
}
