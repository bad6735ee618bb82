import { isSpanContextValid, type SpanContext, trace } from "@opentelemetry/api";
import { flat } from "./flat.ts";

let last: SpanContext | undefined;
let lastText = "";

/** `,"trace_id":"…","span_id":"…"` of the active span; empty where there is none. */
export function traceIdsText(): string {
  const spanContext = trace.getActiveSpan()?.spanContext();
  if (spanContext === undefined) return "";
  if (spanContext !== last) {
    last = spanContext;
    // Valid ids are hexadecimal, so they need no escaping and hold no secret.
    lastText = isSpanContextValid(spanContext)
      ? flat(`,"trace_id":"${spanContext.traceId}","span_id":"${spanContext.spanId}"`)
      : "";
  }
  return lastText;
}
