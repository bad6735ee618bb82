import {
  type Context,
  isSpanContextValid,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { percentDecoded } from "@whodunit/core";
import { baggageOf } from "../context/span-baggage.ts";
import { isSuppressed } from "../context/suppress.ts";
import { JAEGER_BAGGAGE } from "./baggage-prefixes.ts";
import { first } from "./carriers.ts";

const HEADER = "uber-trace-id";
// Jaeger client libraries, "Propagation Format": {trace-id}:{span-id}:{parent-span-id}:{flags}, ids without their
// leading zeros, flags in hexadecimal: 1 sampled, 2 debug.
const FORMAT = /^([0-9a-f]{1,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:([0-9a-f]{1,2})$/i;
const BAGGAGE_MAX = 180;
// RFC 9110, section 5.6.2: a name of other characters is refused by every client.
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Jaeger's own header, and its baggage. */
export class JaegerPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || isSuppressed(context) || !isSpanContextValid(span)) return;
    const flags = span.traceFlags & TraceFlags.SAMPLED;
    setter.set(carrier, HEADER, `${span.traceId}:${span.spanId}:0:${flags}`);
    for (const [key, { value }] of baggageOf(context)?.getAllEntries() ?? []) {
      if (!HEADER_NAME.test(key)) continue;
      setter.set(carrier, `${JAEGER_BAGGAGE}${key}`, encodeURIComponent(value.toWellFormed()));
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = first(getter, carrier, HEADER);
    // Some clients percent-encode the colons.
    const match = header === undefined ? null : FORMAT.exec(header.replaceAll(/%3a/gi, ":"));
    if (match === null) return context;
    const parent = {
      traceId: match[1]!.toLowerCase().padStart(32, "0"),
      spanId: match[2]!.toLowerCase().padStart(16, "0"),
      traceFlags: Number.parseInt(match[3]!, 16) & TraceFlags.SAMPLED,
      isRemote: true,
    };
    if (!isSpanContextValid(parent)) return context;
    return extractBaggage(trace.setSpanContext(context, parent), carrier, getter);
  }

  fields(): string[] {
    return [HEADER];
  }
}

function extractBaggage(context: Context, carrier: unknown, getter: TextMapGetter): Context {
  let baggage = propagation.getBaggage(context);
  let count = 0;
  for (const name of getter.keys(carrier)) {
    if (!name.toLowerCase().startsWith(JAEGER_BAGGAGE) || count++ === BAGGAGE_MAX) continue;
    const value = first(getter, carrier, name);
    if (value === undefined) continue;
    baggage = (baggage ?? propagation.createBaggage()).setEntry(name.slice(JAEGER_BAGGAGE.length), {
      value: percentDecoded(value),
    });
  }
  return baggage === undefined ? context : propagation.setBaggage(context, baggage);
}
