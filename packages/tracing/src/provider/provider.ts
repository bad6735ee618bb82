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
import type { Clock } from "../running/system-clock.ts";
import type { Scope, SpanSink } from "./ended-span.ts";
import { newSpanId, newTraceId } from "./ids.ts";
import { LocalTrace } from "./kept-errors.ts";
import type { SpanLimits } from "./limits.ts";
import { RecordedSpan } from "./recorded-span.ts";
import { isSampled, type Sampling } from "./sampler.ts";
import { UnsampledSpan } from "./unsampled-span.ts";

/** What the provider is made of. */
export interface ProviderOptions {
  readonly sink: SpanSink;
  readonly sampling: Sampling;
  readonly limits: SpanLimits;
  readonly clock: Clock;
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

  constructor(scope: Scope, options: ProviderOptions) {
    this.#scope = scope;
    this.#options = options;
    this.#take = (span) => {
      if (!span.discarded) options.sink.take(span);
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
    const parentSpan = options.root === true ? undefined : trace.getSpan(active);
    const parent = validContext(parentSpan);
    const traceId = parent === undefined ? newTraceId() : parent.traceId;
    const { sink, sampling, limits, clock } = this.#options;
    const sampled = isSampled(sampling, active, parent, traceId);
    const flags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const own = new OwnContext(traceId, newSpanId(), flags);
    if (parent?.traceState !== undefined) own.traceState = parent.traceState;
    if (!sampled && !sampling.keepErrors) return new UnsampledSpan(own, sink);

    const local = sampled ? undefined : (localTraceOf(parentSpan) ?? new LocalTrace(sink));
    const span = new RecordedSpan({
      scope: this.#scope,
      name,
      kind: options.kind ?? SpanKind.INTERNAL,
      context: own,
      parent,
      startTime: options.startTime,
      limits,
      clock,
      ended: local === undefined ? this.#take : (ended) => local.ended(ended),
    });
    if (local !== undefined) {
      if (localTraceOf(parentSpan) === undefined) local.begin(span);
      localTraces.set(own, local);
    }
    if (options.attributes !== undefined) span.setAttributes(options.attributes);
    if (options.links !== undefined) span.addLinks(options.links);
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
  return found !== undefined && isSpanContextValid(found) ? found : undefined;
}
