import { type Context, context, isSpanContextValid, type SpanContext, trace } from "@opentelemetry/api";
import { flat } from "./flat.ts";

let lastActive: Context | undefined;
let last: SpanContext | undefined;
let lastText = "";

/** `,"trace_id":"…","span_id":"…"` of the active span; empty where there is none. */
export function traceIdsText(): string {
  const active = context.active();
  // A context never changes, nor do the ids of its span.
  if (active === lastActive) return lastText;
  lastActive = active;
  const spanContext = trace.getSpan(active)?.spanContext();
  if (spanContext === undefined) {
    last = undefined;
    lastText = "";
  } else if (spanContext !== last) {
    last = spanContext;
    // Valid ids are hexadecimal, so they need no escaping and hold no secret.
    lastText = isSpanContextValid(spanContext)
      ? flat(`,"trace_id":"${spanContext.traceId}","span_id":"${spanContext.spanId}"`)
      : "";
  }
  return lastText;
}
