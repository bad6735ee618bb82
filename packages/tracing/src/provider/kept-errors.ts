import { SpanStatusCode } from "@opentelemetry/api";
import { SLOW_MS } from "@whodunit/core";
import type { SpanSink } from "./ended-span.ts";
import type { RecordedSpan } from "./recorded-span.ts";

const SPANS_PER_TRACE_MAX = 16;
const SPANS_MAX = 1_000;
const held = { count: 0 };

/**
 * The part of an unsampled trace that runs in this process. Its failed spans wait until its local root ends;
 * if one failed they are exported with the root, which tells what was asked for. A root that took long is exported, too.
 */
export class LocalTrace {
  readonly #sink: SpanSink;
  readonly #root: { span: RecordedSpan | undefined } = { span: undefined };
  #failed: RecordedSpan[] = [];
  #kept = false;
  #rootEnded = false;

  constructor(sink: SpanSink) {
    this.#sink = sink;
  }

  /** Names the local root: the first span of the trace here. */
  begin(root: RecordedSpan): void {
    this.#root.span = root;
  }

  ended(span: RecordedSpan): void {
    const failed = span.statusCode === SpanStatusCode.ERROR;
    if (span === this.#root.span) {
      this.#endRoot(span, failed);
    } else if (span.discarded) {
      // In no account.
    } else if (!failed || (this.#rootEnded && !this.#kept)) {
      this.#sink.countUnsampled();
    } else if (this.#kept) {
      this.#sink.take(span);
    } else if (this.#failed.length < SPANS_PER_TRACE_MAX && held.count < SPANS_MAX) {
      held.count++;
      this.#failed.push(span);
    } else {
      this.#sink.countUnsampled();
    }
  }

  #endRoot(root: RecordedSpan, failed: boolean): void {
    this.#rootEnded = true;
    this.#kept = failed || this.#failed.length > 0 || root.endMs - root.startMs >= SLOW_MS;
    held.count -= this.#failed.length;
    for (const span of this.#failed) this.#sink.take(span);
    this.#failed = [];
    this.#root.span = undefined;
    if (root.discarded) return;
    if (this.#kept) this.#sink.take(root);
    else this.#sink.countUnsampled();
  }
}
