import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import type { Span } from "../opentracing/span.ts";
import { SpanContext as OpenTracingContext } from "../opentracing/span-context.ts";
import { stampCaller } from "../propagation/caller.ts";
import { type Carrier, extractFrom, injectInto, writeHeaders } from "../propagation/carriers.ts";
import { runningTracing } from "../running/running.ts";

/**
 * Writes the active span (or `span`) and the baggage into the headers of a message, so that its consumer goes on
 * with the trace. Never throws.
 */
export function injectMessage<Headers extends Carrier>(headers: Headers, span?: Span): Headers {
  try {
    const own: Record<string, string> = {};
    injectInto(span === undefined ? context.active() : span.enter(), own);
    const service = runningTracing()?.service;
    if (service !== undefined) stampCaller(own, service);
    writeHeaders(headers, own);
  } catch (error) {
    reportFault("WHODUNIT_INJECT", error);
  }
  return headers;
}

/** What a message, or a batch of them, says of the traces it comes from. */
export interface MessageOrigin {
  /** For `startSpan({ childOf })` and `withSpan`: the one trace; undefined for a batch, and where there is none. */
  readonly childOf: OpenTracingContext | undefined;
  /** Of a batch: every trace that sent into it, for `withSpan(name, { references: origin.references }, …)`. */
  readonly references: readonly {
    /** `follows_from`. */
    type(): string;
    /** The trace. */
    referencedContext(): OpenTracingContext;
  }[];
}

/**
 * Reads the headers of one message, or of all messages of a batch: one has a parent, a batch has links, because
 * a span has one parent only (OpenTelemetry messaging conventions, "Batch processing"). Never throws.
 */
export function extractMessage(...messages: readonly Carrier[]): MessageOrigin {
  const origins = messages.map(originOf).filter((one) => one !== undefined);
  if (messages.length === 1) return { childOf: origins[0], references: [] };
  return {
    childOf: undefined,
    references: origins.map((origin) => ({ type: () => "follows_from", referencedContext: () => origin })),
  };
}

function originOf(headers: Carrier): OpenTracingContext | undefined {
  try {
    const found = extractFrom(ROOT_CONTEXT, headers);
    const span = trace.getSpanContext(found);
    return span === undefined ? undefined : new OpenTracingContext(span, propagation.getBaggage(found));
  } catch {
    // A message with headers of no known form comes from nowhere.
    return undefined;
  }
}
