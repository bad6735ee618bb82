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
import { CALLER_KEY } from "./caller.ts";
import { parseMembers, StrictTraceState, trimOws } from "./tracestate.ts";

const TRACEPARENT = "traceparent";
const TRACESTATE = "tracestate";
// W3C trace context level 2, section 3.2.2: `00-<32 digits>-<16 digits>-<2 digits>`.
const TRACE_ID_AT = 3;
const SPAN_ID_AT = 36;
const FLAGS_AT = 53;
const LENGTH = 55;
const DASH = 45;
const NO_DIGIT = 255;
// By character, the value of a hexadecimal digit in lower case.
const DIGITS: Uint8Array = new Uint8Array(128).fill(NO_DIGIT);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;
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
    // It counts for the hop that wrote it alone: further on it would only tell strangers who calls whom here.
    const state = span.traceState?.unset(CALLER_KEY).serialize();
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
  if (text.charCodeAt(TRACE_ID_AT - 1) !== DASH || text.charCodeAt(SPAN_ID_AT - 1) !== DASH) return undefined;
  if (text.charCodeAt(FLAGS_AT - 1) !== DASH || !isVersion(text)) return undefined;
  // An id of zeros alone is none.
  if (!(digitsIn(text, TRACE_ID_AT, SPAN_ID_AT - 1) > 0)) return undefined;
  if (!(digitsIn(text, SPAN_ID_AT, FLAGS_AT - 1) > 0)) return undefined;
  if (digitsIn(text, FLAGS_AT, LENGTH) === -1) return undefined;
  const traceId = text.slice(TRACE_ID_AT, SPAN_ID_AT - 1);
  const spanId = text.slice(SPAN_ID_AT, FLAGS_AT - 1);
  const flags = (DIGITS[text.charCodeAt(FLAGS_AT)]! << 4) | DIGITS[text.charCodeAt(FLAGS_AT + 1)]!;
  return { traceId, spanId, flags };
}

/** Whether the version is one, and the length and end are as it asks. */
function isVersion(text: string): boolean {
  if (digitsIn(text, 0, TRACE_ID_AT - 1) === -1 || text.startsWith("ff")) return false;
  if (text.length === LENGTH) return true;
  // A later version may add fields, after a dash. A comma would be Node's, who joins two headers of one name.
  return !text.startsWith("00") && text.charCodeAt(LENGTH) === DASH && !text.includes(",");
}

/** All the digits of a piece, added up; -1 where it holds anything else. */
function digitsIn(text: string, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) {
    // Beyond the text's end, and beyond the table, there is nothing.
    const digit = DIGITS[text.charCodeAt(at)] ?? NO_DIGIT;
    if (digit === NO_DIGIT) return -1;
    sum += digit;
  }
  return sum;
}
