/** A value of an attribute, as JSON can hold it. 64-bit numbers that JSON cannot hold are text. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | Attributes;

/** Attributes by name. */
export interface Attributes {
  readonly [name: string]: AttributeValue;
}

/** Something that happened during a span. */
export interface SpanEvent {
  readonly name: string;
  readonly timeMs: number;
  readonly attributes: Attributes;
}

/** What a span is to the other side of the call. */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** One span, as the store keeps it and the API gives it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly error: boolean;
  /** The status's message; empty without one. */
  readonly message: string;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
}
