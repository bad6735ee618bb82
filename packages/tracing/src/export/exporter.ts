import { setTimeout as sleep } from "node:timers/promises";
import { reportFault } from "@whodunit/core";
import type { EndedSpan } from "../provider/ended-span.ts";
import { Accounts, type SpanAccounts } from "./accounts.ts";
import type { Batch, BatchWriter } from "./batch.ts";
import type { Destination } from "./destination.ts";
import { Sender } from "./send.ts";
import type { ExportSettings } from "./settings.ts";
import { TIMER_MAX_MS, waitAtMost } from "./wait.ts";

const CONNECTIONS = 4;
const ATTEMPTS = 6;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/**
 * Takes ended spans, sends them in batches and accounts for every one. What waits is encoded bytes within a
 * budget; over it the newest is dropped.
 */
export class Exporter implements Destination {
  readonly #settings: ExportSettings;
  readonly #writer: BatchWriter;
  readonly #sender: Sender;
  readonly #accounts = new Accounts();
  readonly #queue: Batch[] = [];
  /** Everything sealed and not settled: queued, being sent, waiting to be sent again. */
  readonly #unsettled = new Map<Batch, PromiseWithResolvers<void>>();
  readonly #abort = new AbortController();
  /** Aborted by close(): nobody waits before an attempt any more. */
  readonly #hurry = new AbortController();
  #bytes = 0;
  #sending = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(settings: ExportSettings, writer: BatchWriter) {
    this.#settings = settings;
    this.#writer = writer;
    this.#sender = new Sender(settings, CONNECTIONS);
  }

  take(span: EndedSpan): void {
    const accounts = this.#accounts;
    accounts.ended++;
    try {
      if (this.#closing) accounts.drop("closed", 1);
      else if (this.#isFull) accounts.drop("queue-full", 1);
      else if (this.#add(span)) accounts.pending++;
      else accounts.drop("too-large", 1);
    } catch (error) {
      accounts.drop("unreadable", 1);
      reportFault("WHODUNIT_ENCODE", error);
    }
  }

  countUnsampled(): void {
    this.#accounts.countUnsampled();
  }

  accounts(): SpanAccounts {
    return this.#accounts.snapshot();
  }

  async flush(timeoutMs?: number): Promise<void> {
    this.#seal();
    const settled = Promise.all([...this.#unsettled.values()].map(({ promise }) => promise));
    await waitAtMost(timeoutMs, settled);
  }

  async close(timeoutMs: number, hurry: AbortSignal | undefined): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#hurry.abort();
    const hurried = Promise.withResolvers<void>();
    hurry?.addEventListener("abort", () => hurried.resolve(), { once: true });
    await Promise.race([this.flush(timeoutMs), hurried.promise]);
    clearTimeout(this.#timer);
    this.#abort.abort();
    for (const batch of [...this.#unsettled.keys()]) this.#settle(batch, () => this.#lose(batch, "closed"));
    this.#sender.close();
  }

  get #isFull(): boolean {
    const { queueBytes, queueSpans } = this.#settings;
    return this.#bytes >= queueBytes || this.#accounts.pending >= queueSpans;
  }

  #add(span: EndedSpan): boolean {
    const writer = this.#writer;
    if (!writer.add(span)) {
      if (writer.spans === 0) return false;
      this.#seal();
      if (!writer.add(span)) return false;
    }
    if (writer.isFull || writer.spans >= this.#settings.batchSpans) this.#seal();
    else this.#timer ??= setTimeout(() => this.#seal(), this.#settings.delayMs).unref();
    return true;
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writer.spans === 0) return;
    const batch = this.#writer.take();
    this.#bytes += batch.body.length;
    this.#unsettled.set(batch, Promise.withResolvers());
    this.#queue.push(batch);
    this.#sendNext();
  }

  #sendNext(): void {
    while (this.#sending < CONNECTIONS && this.#queue.length > 0) {
      this.#sending++;
      void this.#deliver(this.#queue.shift() as Batch).finally(() => {
        this.#sending--;
        this.#sendNext();
      });
    }
  }

  async #deliver(batch: Batch): Promise<void> {
    const givesUpAt = performance.now() + this.#settings.giveUpMs;
    for (let attempt = 1; ; attempt++) {
      const leftMs = givesUpAt - performance.now();
      const outcome = await this.#sender.send(batch.body, this.#abort.signal, leftMs);
      if (outcome.kind === "accepted") {
        const rejected = Math.min(outcome.rejected, batch.spans);
        this.#settle(batch, () => {
          this.#accounts.exported += batch.spans - rejected;
          this.#accounts.drop("rejected", rejected);
        });
        return;
      }
      if (outcome.kind === "refused") {
        this.#settle(batch, () => this.#lose(batch, "rejected"));
        return;
      }
      const waitMs = retryWaitMs(outcome.afterMs, attempt);
      const isLate = performance.now() + waitMs >= givesUpAt;
      if (attempt === ATTEMPTS || isLate || this.#abort.signal.aborted) {
        this.#settle(batch, () => this.#lose(batch, "unreachable"));
        return;
      }
      await this.#wait(waitMs);
    }
  }

  #lose(batch: Batch, reason: "rejected" | "unreachable" | "closed"): void {
    this.#accounts.drop(reason, batch.spans);
  }

  /** Counts what became of a batch, once. */
  #settle(batch: Batch, count: () => void): void {
    const waiting = this.#unsettled.get(batch);
    if (waiting === undefined) return;
    this.#unsettled.delete(batch);
    this.#bytes -= batch.body.length;
    this.#accounts.pending -= batch.spans;
    count();
    waiting.resolve();
  }

  async #wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { ref: false, signal: this.#hurry.signal });
    } catch {
      // close() ends the wait: another attempt is made at once, but not in a tight loop.
      await sleep(50, undefined, { ref: false });
    }
  }
}

/**
 * How long to wait after an attempt: as long as the receiver asked for at least. Apart by chance: a receiver that
 * comes back must not meet all services at once.
 */
export function retryWaitMs(askedMs: number | undefined, attempt: number): number {
  if (askedMs !== undefined) return Math.min(askedMs * (1 + Math.random() / 2), TIMER_MAX_MS);
  return Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS) * (0.5 + Math.random());
}
