import { type Context, context, isSpanContextValid, type SpanContext, trace } from "@opentelemetry/api";
import type { SharedText } from "./encoded-text.ts";

const NONE: SharedText = { text: "", encoded: undefined };

let last: Context | undefined;
let lastIds = NONE;

/** `,"trace_id":"…","span_id":"…"` of the active span; empty where there is none. */
export function traceIds(): SharedText {
  const active = context.active();
  // A context never changes, nor do the ids of its span.
  if (active !== last) {
    last = active;
    lastIds = idsOf(trace.getSpan(active)?.spanContext());
  }
  return lastIds;
}

// Valid ids are hexadecimal, so they need no escaping and hold no secret.
function idsOf(span: SpanContext | undefined): SharedText {
  return span !== undefined && isSpanContextValid(span)
    ? { text: `,"trace_id":"${span.traceId}","span_id":"${span.spanId}"`, encoded: undefined }
    : NONE;
}
