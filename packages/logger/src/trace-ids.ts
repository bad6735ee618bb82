import { type Context, context, isSpanContextValid, type SpanContext, trace } from "@opentelemetry/api";
import { flat } from "./flat.ts";

let last: Context | undefined;
let lastText = "";

/** `,"trace_id":"…","span_id":"…"` of the active span; empty where there is none. */
export function traceIdsText(): string {
  const active = context.active();
  // A context never changes, nor do the ids of its span.
  if (active !== last) {
    last = active;
    lastText = textOf(trace.getSpan(active)?.spanContext());
  }
  return lastText;
}

// Valid ids are hexadecimal, so they need no escaping and hold no secret.
function textOf(span: SpanContext | undefined): string {
  return span !== undefined && isSpanContextValid(span)
    ? flat(`,"trace_id":"${span.traceId}","span_id":"${span.spanId}"`)
    : "";
}
