import {
  type Context,
  createContextKey,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { isSuppressed } from "../context/suppress.ts";
import { parseMembers, StrictTraceState, trimOws } from "./tracestate.ts";

const TRACEPARENT = "traceparent";
const TRACESTATE = "tracestate";
// W3C trace context level 2, section 3.2.2. A later version may add fields, after a dash. A comma would be Node's, who
// joins two headers of one name.
const FORMAT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-[^,]*)?$/;
const RANDOM = 2;

// Tracers keep of the flags only what they know; the trace id whose random flag was received is kept here.
const RANDOM_TRACE = createContextKey("whodunit random trace id");

/** W3C trace context, level 2, strictly. */
export class W3CPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || isSuppressed(context) || !isSpanContextValid(span)) return;
    const random = context.getValue(RANDOM_TRACE) === span.traceId ? RANDOM : 0;
    const flags = (span.traceFlags & TraceFlags.SAMPLED) | random;
    setter.set(carrier, TRACEPARENT, `00-${span.traceId}-${span.spanId}-0${flags}`);
    const state = span.traceState?.serialize();
    if (state) setter.set(carrier, TRACESTATE, state);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = getter.get(carrier, TRACEPARENT);
    // Two of them say nothing about which is right.
    const text = Array.isArray(header) && header.length === 1 ? header[0] : header;
    if (typeof text !== "string") return context;
    const parsed = parseTraceparent(text);
    if (parsed === undefined) return context;
    const { traceId, spanId, flags } = parsed;
    const span: SpanContext = { traceId, spanId, traceFlags: flags & TraceFlags.SAMPLED, isRemote: true };
    const state = getter.get(carrier, TRACESTATE);
    const members = state === undefined ? undefined : parseMembers(String(state));
    if (members !== undefined) span.traceState = new StrictTraceState(members);
    const found = trace.setSpanContext(context, span);
    return (flags & RANDOM) === 0 ? found : found.setValue(RANDOM_TRACE, traceId);
  }

  fields(): string[] {
    return [TRACEPARENT, TRACESTATE];
  }
}

/** What a `traceparent` says; undefined when it is not valid. */
export function parseTraceparent(
  header: string,
): { readonly traceId: string; readonly spanId: string; readonly flags: number } | undefined {
  const text = trimOws(header);
  const match = FORMAT.exec(text);
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags] = match as unknown as [string, string, string, string, string];
  if (version === "ff" || (version === "00" && text.length !== 55)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}
