import type { Span } from "@opentelemetry/api";

/** Something of ours that is kept with a span. */
export interface SpanSlot<Value> {
  get(span: Span): Value | undefined;
  set(span: Span, value: Value): void;
}

/**
 * A place for something of ours with every span, whoever made it: a property under a symbol of its own. A
 * WeakMap would do, but what it holds costs the garbage collector more than the span itself.
 */
export function spanSlot<Value>(): SpanSlot<Value> {
  const slot = Symbol("whodunit");
  return {
    get: (span) => (span as { [slot]?: Value })[slot],
    set: (span, value) => {
      (span as { [slot]?: Value })[slot] = value;
    },
  };
}
