import type { Link, SpanContext, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { SpanValue } from "./value.ts";

/** Keys and values in turn: `[key, value, key, value, …]`. */
export type FlatAttributes = readonly SpanValue[];

/** An event of a span. */
export interface SpanEvent {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly attributes: FlatAttributes;
}

/** A link of a span to another. */
export interface SpanLink {
  readonly context: Link["context"];
  readonly attributes: FlatAttributes;
}

/** The library that a span comes from. */
export interface Scope {
  readonly name: string;
  readonly version: string;
}

/** A span that has ended, as an exporter reads it: at once, for nothing of it is kept. */
export interface EndedSpan {
  readonly scope: Scope;
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: SpanContext | undefined;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: FlatAttributes;
  readonly droppedAttributes: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEvents: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinks: number;
  readonly statusCode: SpanStatusCode;
  readonly statusMessage: string;
  spanContext(): SpanContext;
}

/** A span that can be taken back while it goes on: it ends nowhere and stands in no account. */
export interface Discardable {
  discard(): void;
}

/** Where ended spans go: the seam between the provider and the exporter. */
export interface SpanSink {
  /** Takes a sampled span. Must not throw. */
  take(span: EndedSpan): void;
  /** Counts a span that ended and is not to be exported. */
  countUnsampled(): void;
}
