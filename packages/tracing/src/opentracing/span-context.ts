import {
  type Baggage,
  type Context,
  type SpanContext as OtelSpanContext,
  propagation,
  trace,
} from "@opentelemetry/api";

/** OpenTracing's span context: the ids and the baggage that travel. Immutable. */
export class SpanContext {
  /** OpenTelemetry's own. */
  readonly otel: OtelSpanContext;
  readonly #baggage: Baggage | undefined;

  constructor(otel: OtelSpanContext, baggage: Baggage | undefined) {
    this.otel = otel;
    this.#baggage = baggage;
  }

  /** The trace id, 32 hexadecimal digits. */
  toTraceId(): string {
    return this.otel.traceId;
  }

  /** The span id, 16 hexadecimal digits. */
  toSpanId(): string {
    return this.otel.spanId;
  }

  /** The baggage that travels with it. */
  baggage(): Baggage | undefined {
    return this.#baggage;
  }

  /** `context` with this span as the parent of what is started in it, and this baggage. */
  enter(context: Context): Context {
    const parent = trace.setSpanContext(context, this.otel);
    return this.#baggage === undefined ? parent : propagation.setBaggage(parent, this.#baggage);
  }
}
