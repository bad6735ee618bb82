import { context, diag, ROOT_CONTEXT } from "@opentelemetry/api";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { reportFault, runInFrame } from "@whodunit/core";
import { suppress } from "../context/suppress.ts";
import type { EndedSpan } from "../provider/ended-span.ts";
import { type Reading, readableSpan } from "../provider/readable-span.ts";
import { Accounts, type DropReason, type SpanAccounts } from "./accounts.ts";
import type { Destination } from "./destination.ts";
import type { QueueSettings } from "./settings.ts";
import { waitAtMost } from "./wait.ts";

// ExportResultCode.SUCCESS of @opentelemetry/core.
const SUCCESS = 0;
// OpenTelemetry's defaults (SDK configuration, batch span processor); they hold where OTEL_BSP_* says nothing.
const BATCH_SPANS = 512;
const QUEUE_SPANS = 2_048;
const EXPORT_TIMEOUT_MS = 30_000;

interface Given {
  readonly spans: number;
  readonly settled: PromiseWithResolvers<void>;
}

/**
 * One of OpenTelemetry's own exporters. It gets spans in batches, one batch at a time as its interface asks; what waits
 * is bounded, and every span is accounted for: given, reported as done, reported as failed, or never answered.
 */
export class StandardExporter implements Destination {
  readonly #name: string;
  readonly #exporter: SpanExporter;
  readonly #reading: Reading;
  readonly #delayMs: number;
  readonly #batchSpans: number;
  readonly #queueSpans: number;
  readonly #timeoutMs: number;
  readonly #accounts = new Accounts();
  #queue: ReadableSpan[] = [];
  /** The batch that the exporter has in its hands. */
  #given: Given | undefined;
  /** How many spans it has answered for. */
  #settled = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(name: string, exporter: SpanExporter, settings: QueueSettings, reading: Reading) {
    this.#name = name;
    this.#exporter = exporter;
    this.#reading = reading;
    this.#delayMs = settings.delayMs;
    this.#queueSpans = finite(settings.queueSpans, QUEUE_SPANS);
    this.#batchSpans = Math.min(finite(settings.batchSpans, BATCH_SPANS), this.#queueSpans);
    this.#timeoutMs = finite(settings.giveUpMs, EXPORT_TIMEOUT_MS);
  }

  take(span: EndedSpan): void {
    const accounts = this.#accounts;
    accounts.ended++;
    if (this.#closing) {
      accounts.drop("closed", 1);
      return;
    }
    if (accounts.pending >= this.#queueSpans) {
      accounts.drop("queue-full", 1);
      return;
    }
    try {
      this.#queue.push(readableSpan(span, this.#reading));
      accounts.pending++;
    } catch (error) {
      accounts.drop("unreadable", 1);
      reportFault("WHODUNIT_ENCODE", error);
    }
    if (this.#queue.length >= this.#batchSpans) this.#exportNext();
    else this.#exportLater();
  }

  countUnsampled(): void {
    this.#accounts.countUnsampled();
  }

  accounts(): SpanAccounts {
    return this.#accounts.snapshot();
  }

  async flush(timeoutMs?: number): Promise<void> {
    await waitAtMost(timeoutMs, this.#drain());
  }

  async close(timeoutMs: number, hurry: AbortSignal | undefined): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const endsAt = performance.now() + timeoutMs;
    const hurried = Promise.withResolvers<void>();
    hurry?.addEventListener("abort", () => hurried.resolve(), { once: true });
    await Promise.race([this.flush(timeoutMs), hurried.promise]);
    clearTimeout(this.#timer);
    this.#accounts.pending -= this.#queue.length;
    this.#accounts.drop("closed", this.#queue.length);
    this.#queue = [];
    this.#settle(this.#given, "closed");
    const shutDown = this.#ask(() => this.#exporter.shutdown());
    const leftMs = hurry?.aborted === true ? 0 : Math.max(0, endsAt - performance.now());
    await waitAtMost(leftMs, shutDown);
  }

  /** Exports what has been taken by now, batch after batch. */
  async #drain(): Promise<void> {
    const wanted = this.#settled + this.#accounts.pending;
    while (this.#settled < wanted) {
      this.#exportNext();
      if (this.#given !== undefined) await this.#given.settled.promise;
      else if (this.#queue.length === 0) break;
    }
    await this.#ask(() => this.#exporter.forceFlush?.());
  }

  #exportLater(): void {
    this.#timer ??= setTimeout(() => this.#exportNext(), this.#delayMs).unref();
  }

  #exportNext(): void {
    // First of all: while a batch is in the exporter's hands the timer fires in vain, and its answer sets the next.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#given !== undefined || this.#queue.length === 0) return;
    const spans = this.#queue.splice(0, this.#batchSpans);
    const given: Given = { spans: spans.length, settled: Promise.withResolvers() };
    this.#given = given;
    const timer = setTimeout(() => this.#settle(given, "unreachable"), this.#timeoutMs).unref();
    void given.settled.promise.then(() => clearTimeout(timer));
    const fail = (error: unknown): void => {
      reportFault("WHODUNIT_EXPORTER", error, this.#name);
      this.#settle(given, "failed");
    };
    try {
      const returned: unknown = outsideOfRequests(() =>
        this.#exporter.export(spans, (result) => {
          const isDone = result?.code === SUCCESS;
          if (!isDone) this.#tell(result?.error);
          this.#settle(given, isDone ? undefined : "failed");
        }),
      );
      // It is to return nothing; what an async one throws would end the process.
      if (returned instanceof Promise) returned.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** Counts what became of a batch, once, and goes on with the next. */
  #settle(given: Given | undefined, reason: DropReason | undefined): void {
    if (given === undefined || this.#given !== given) return;
    this.#given = undefined;
    this.#settled += given.spans;
    this.#accounts.pending -= given.spans;
    if (reason === undefined) this.#accounts.exported += given.spans;
    else this.#accounts.drop(reason, given.spans);
    given.settled.resolve();
    if (this.#queue.length >= this.#batchSpans) setImmediate(() => this.#exportNext());
    else if (this.#queue.length > 0 && !this.#closing) this.#exportLater();
  }

  #tell(error: Error | undefined): void {
    diag.error(`${this.#name} did not export spans: ${error?.message || "it gave no reason"}`);
  }

  async #ask(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await outsideOfRequests(work);
    } catch (error) {
      reportFault("WHODUNIT_EXPORTER", error, this.#name);
    }
  }
}

// And suppressed: telemetry's own traffic leaves no span, and a connection kept open holds no request.
const outsideOfRequests = <Result>(work: () => Result): Result =>
  runInFrame(undefined, () => context.with(suppress(ROOT_CONTEXT), work));

const finite = (value: number, otherwise: number): number => (Number.isFinite(value) ? value : otherwise);
