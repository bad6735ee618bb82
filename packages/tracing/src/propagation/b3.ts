import {
  type Context,
  createContextKey,
  isSpanContextValid,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { isSuppressed } from "../context/suppress.ts";
import { forceSampling, leaveUndecided } from "../provider/sampler.ts";
import { first } from "./carriers.ts";

const SINGLE = "b3";
const TRACE_ID = "x-b3-traceid";
const SPAN_ID = "x-b3-spanid";
const SAMPLED = "x-b3-sampled";
const FLAGS = "x-b3-flags";
// openzipkin/b3-propagation, README: ids of 16 or 32 digits; 0, 1 and d (debug) say what is decided.
const SINGLE_FORMAT = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d])(?:-[0-9a-f]{16})?)?$/i;
const DECISION = /^[01d]$/;
const TRACE_ID_FORMAT = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;
const SPAN_ID_FORMAT = /^[0-9a-f]{16}$/i;

// Debug is more than sampled, and has to reach the services after this one.
const DEBUG_TRACE = createContextKey("whodunit b3 debug trace id");

interface Found {
  readonly traceId: string;
  readonly spanId: string;
  /** `d` for debug; undefined where the decision is left to the receiver. */
  readonly state: string | undefined;
}

/** B3: reads the single header before the many, writes the one it was made for. */
export class B3Propagator implements TextMapPropagator {
  readonly #encoding: "single" | "multi";

  constructor(encoding: "single" | "multi") {
    this.#encoding = encoding;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || isSuppressed(context) || !isSpanContextValid(span)) return;
    const { traceId, spanId, traceFlags } = span;
    const debug = context.getValue(DEBUG_TRACE) === traceId;
    const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0 ? "1" : "0";
    if (this.#encoding === "single") {
      setter.set(carrier, SINGLE, `${traceId}-${spanId}-${debug ? "d" : sampled}`);
      return;
    }
    setter.set(carrier, TRACE_ID, traceId);
    setter.set(carrier, SPAN_ID, spanId);
    if (debug) setter.set(carrier, FLAGS, "1");
    else setter.set(carrier, SAMPLED, sampled);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const single = first(getter, carrier, SINGLE);
    const found = parseSingle(single) ?? parseMulti(carrier, getter);
    if (found === undefined) {
      if (trace.getSpanContext(context) !== undefined) return context;
      // Without ids it is still decided whether the trace that begins here is sampled.
      const state = single === undefined ? stateOf(carrier, getter) : single.toLowerCase();
      return state !== undefined && DECISION.test(state) ? forceSampling(context, state !== "0") : context;
    }
    const { traceId, spanId, state } = found;
    const parent = {
      traceId: traceId.toLowerCase().padStart(32, "0"),
      spanId: spanId.toLowerCase(),
      traceFlags: state === "1" || state === "d" ? TraceFlags.SAMPLED : TraceFlags.NONE,
      isRemote: true,
    };
    if (!isSpanContextValid(parent)) return context;
    if (state === undefined || !DECISION.test(state)) leaveUndecided(parent);
    const extracted = trace.setSpanContext(context, parent);
    return state === "d" ? extracted.setValue(DEBUG_TRACE, parent.traceId) : extracted;
  }

  fields(): string[] {
    return this.#encoding === "single" ? [SINGLE] : [TRACE_ID, SPAN_ID, SAMPLED, FLAGS];
  }
}

function parseSingle(header: string | undefined): Found | undefined {
  const match = header === undefined ? null : SINGLE_FORMAT.exec(header);
  return match === null
    ? undefined
    : { traceId: match[1]!, spanId: match[2]!, state: match[3]?.toLowerCase() };
}

function parseMulti(carrier: unknown, getter: TextMapGetter): Found | undefined {
  const traceId = first(getter, carrier, TRACE_ID);
  const spanId = first(getter, carrier, SPAN_ID);
  if (traceId === undefined || spanId === undefined) return undefined;
  if (!TRACE_ID_FORMAT.test(traceId) || !SPAN_ID_FORMAT.test(spanId)) return undefined;
  return { traceId, spanId, state: stateOf(carrier, getter) };
}

function stateOf(carrier: unknown, getter: TextMapGetter): string | undefined {
  if (first(getter, carrier, FLAGS) === "1") return "d";
  const sampled = first(getter, carrier, SAMPLED)?.toLowerCase();
  // Before the specification was written down, true and false were in use.
  return sampled === "true" ? "1" : sampled === "false" ? "0" : sampled;
}
