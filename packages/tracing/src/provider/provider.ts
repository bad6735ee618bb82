import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  type TraceState,
  trace,
} from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { isSuppressed } from "../context/suppress.ts";
import { noteInstrumentation } from "../running/instrumented.ts";
import type { Clock } from "../running/system-clock.ts";
import type { Scope, SpanSink } from "./ended-span.ts";
import { newSpanId, newTraceId } from "./ids.ts";
import { LocalTrace } from "./kept-errors.ts";
import type { SpanLimits } from "./limits.ts";
import type { Processors } from "./processors.ts";
import { RecordedSpan } from "./recorded-span.ts";
import { isSampled, ownDecision, type Sampling } from "./sampler.ts";
import { UnsampledSpan } from "./unsampled-span.ts";

/** What the provider is made of. */
export interface ProviderOptions {
  readonly sink: SpanSink;
  readonly sampling: Sampling;
  readonly limits: SpanLimits;
  readonly clock: Clock;
  /** Told of every span that is recorded. */
  readonly processors?: Processors | undefined;
}

const SCOPES_MAX = 1_000;

/**
 * A TracerProvider whose spans go to a {@link SpanSink} as they end and are kept nowhere. It takes the place of
 * the SDK's behind OpenTelemetry's API, which is all that the rest of this package knows.
 */
export class LeanTracerProvider implements TracerProvider {
  readonly #options: ProviderOptions;
  readonly #tracers = new Map<string, LeanTracer>();

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  getTracer(name: string, version = ""): Tracer {
    const key = `${name}@${version}`;
    let tracer = this.#tracers.get(key);
    if (tracer === undefined) {
      tracer = new LeanTracer({ name, version }, this.#options);
      // Names may come from anywhere; the table must not grow with them.
      if (this.#tracers.size < SCOPES_MAX) this.#tracers.set(key, tracer);
    }
    return tracer;
  }
}

// A class, for V8 may come to allocate what a literal makes among the old, where one of each request adds up.
class OwnContext implements SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  declare traceState?: TraceState;

  constructor(traceId: string, spanId: string, traceFlags: number) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.traceFlags = traceFlags;
  }
}

class LeanTracer implements Tracer {
  readonly #scope: Scope;
  readonly #options: ProviderOptions;
  readonly #take: (span: RecordedSpan) => void;
  /** Counts a span that was recorded for processors alone. */
  readonly #count: (span: RecordedSpan) => void;
  #noted = false;

  constructor(scope: Scope, options: ProviderOptions) {
    this.#scope = scope;
    this.#options = options;
    this.#take = (span) => {
      if (!span.discarded) options.sink.take(span);
    };
    this.#count = (span) => {
      if (!span.discarded) options.sink.countUnsampled();
    };
  }

  startSpan(name: string, options?: SpanOptions, active?: Context): Span {
    try {
      return this.#start(name, options ?? {}, active ?? context.active());
    } catch (error) {
      // Options of the service's own that cannot be read: the span is there without them.
      reportFault("WHODUNIT_START_SPAN", error);
      return this.#start(name, {}, context.active());
    }
  }

  #start(name: string, options: SpanOptions, active: Context): Span {
    if (isSuppressed(active)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    if (!this.#noted) {
      this.#noted = true;
      noteInstrumentation(this.#scope.name);
    }
    const parentSpan = options.root === true ? undefined : trace.getSpan(active);
    const parent = validContext(parentSpan);
    const traceId = parent === undefined ? newTraceId() : parent.traceId;
    const { sink, sampling, limits, clock, processors } = this.#options;
    const { kind = SpanKind.INTERNAL, attributes, links } = options;
    const decision =
      sampling.decide === undefined
        ? undefined
        : ownDecision(sampling, parent, { context: active, traceId, name, kind, attributes, links });
    const sampled = decision?.sampled ?? isSampled(sampling, active, parent, traceId);
    const flags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const own = new OwnContext(traceId, newSpanId(), flags);
    const traceState = decision?.traceState ?? parent?.traceState;
    if (traceState !== undefined) own.traceState = traceState;
    if (!sampled && !sampling.keepErrors && decision?.recorded !== true) return new UnsampledSpan(own, sink);

    const keeps = !sampled && sampling.keepErrors;
    const local = keeps ? (localTraceOf(parentSpan) ?? new LocalTrace(sink)) : undefined;
    const settle =
      local !== undefined ? (ended: RecordedSpan) => local.ended(ended) : sampled ? this.#take : this.#count;
    const span = new RecordedSpan({
      scope: this.#scope,
      name,
      kind,
      context: own,
      parent,
      startTime: options.startTime,
      limits,
      clock,
      ended:
        processors === undefined
          ? settle
          : (ended) => {
              processors.ended(ended);
              settle(ended);
            },
    });
    if (local !== undefined) {
      if (localTraceOf(parentSpan) === undefined) local.begin(span);
      localTraces.set(own, local);
    }
    if (attributes !== undefined) span.setAttributes(attributes);
    if (decision?.attributes !== undefined) span.setAttributes(decision.attributes);
    if (links !== undefined) span.addLinks(links);
    processors?.started(span, active);
    return span;
  }

  startActiveSpan<Work extends (span: Span) => ReturnType<Work>>(
    name: string,
    ...rest: [Work] | [SpanOptions, Work] | [SpanOptions, Context, Work]
  ): ReturnType<Work> {
    const work = rest.at(-1) as Work;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const active = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, active);
    return context.with(trace.setSpan(active, span), work, undefined, span);
  }
}

// Only spans of unsampled traces under keepErrors are in here. By context: OpenTracing's childOf hands over no more.
const localTraces = new WeakMap<SpanContext, LocalTrace>();

const localTraceOf = (span: Span | undefined): LocalTrace | undefined =>
  span === undefined ? undefined : localTraces.get(span.spanContext());

function validContext(span: Span | undefined): SpanContext | undefined {
  const found = span?.spanContext();
  // Those made here need no look at each of their digits.
  return found instanceof OwnContext || (found !== undefined && isSpanContextValid(found))
    ? found
    : undefined;
}
