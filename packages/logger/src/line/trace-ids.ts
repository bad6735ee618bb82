import { type Context, context, isSpanContextValid, type SpanContext, trace } from "@opentelemetry/api";
import type { SharedText } from "./encoded-text.ts";
import type { ResolvedNames } from "./field-names.ts";

const NONE: SharedText = { text: "", encoded: undefined };

/** The active span's ids as a logger's lines hold them. */
export class TraceIds {
  readonly #names: ResolvedNames;
  #last: Context | undefined;
  #span: SpanContext | undefined;
  #text = NONE;

  constructor(names: ResolvedNames) {
    this.#names = names;
  }

  /** `,"trace_id":"...","span_id":"..."` of the active span; empty where there is none. */
  now(): SharedText {
    const active = context.active();
    // A context never changes, nor do the ids of its span.
    if (active !== this.#last) {
      this.#last = active;
      const span = trace.getSpan(active)?.spanContext();
      this.#span = span !== undefined && isSpanContextValid(span) ? span : undefined;
      this.#text = this.#span === undefined ? NONE : this.#textOf(this.#span);
    }
    return this.#text;
  }

  /** Whether a field says what {@link now} says, under our name or the logger's. */
  has(name: string, value: unknown): boolean {
    const { trace_id, span_id, tracePrefix } = this.#names;
    if (name === "trace_id" || name === trace_id)
      return value === this.#span?.traceId || value === `${tracePrefix}${this.#span?.traceId}`;
    return (name === "span_id" || name === span_id) && value === this.#span?.spanId;
  }

  // Valid ids are hexadecimal, so they need no escaping and hold no secret.
  #textOf({ traceId, spanId }: SpanContext): SharedText {
    const { trace_id, span_id, tracePrefix } = this.#names;
    return {
      text: `,"${trace_id}":"${tracePrefix}${traceId}","${span_id}":"${spanId}"`,
      encoded: undefined,
    };
  }
}
