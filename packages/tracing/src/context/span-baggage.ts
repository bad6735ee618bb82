import { type Baggage, type Context, propagation, type Span, trace } from "@opentelemetry/api";
import { spanSlot } from "./span-slot.ts";

/**
 * OpenTracing lets baggage be added to a span that is already active; OpenTelemetry's contexts cannot
 * change. What was added is kept with the span, and read before the context's.
 */
const added = spanSlot<Baggage>();

/** The baggage to be carried on from this context. */
export function baggageOf(context: Context): Baggage | undefined {
  const span = trace.getSpan(context);
  return (span && added.get(span)) ?? propagation.getBaggage(context);
}

/** Adds an entry to what this span carries on. */
export function addBaggage(span: Span, context: Context, key: string, value: string): void {
  const before = added.get(span) ?? propagation.getBaggage(context) ?? propagation.createBaggage();
  added.set(span, before.setEntry(key, { value }));
}

/** `parent` with `span` as its active span; the parent span's added baggage goes on to it. */
export function childContext(parent: Context, span: Span): Context {
  const parentSpan = trace.getSpan(parent);
  const baggage = parentSpan && added.get(parentSpan);
  const child = trace.setSpan(parent, span);
  return baggage === undefined ? child : propagation.setBaggage(child, baggage);
}
