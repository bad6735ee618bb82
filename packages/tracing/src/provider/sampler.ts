import { type Context, createContextKey, type SpanContext, TraceFlags } from "@opentelemetry/api";

/** Decides whether a trace that begins here is sampled. */
export type RootSampler = (traceId: string) => boolean;

/** What the sampling of a process is made of. */
export interface Sampling {
  readonly root: RootSampler;
  /** Whether a parent's decision counts; always, unless OTEL_TRACES_SAMPLER names a sampler without it. */
  readonly parentBased: boolean;
  /** Records unsampled traces too, to keep the failed ones. */
  readonly keepErrors: boolean;
}

const FORCED = createContextKey("whodunit forced sampling");

/** A context in which the next span is sampled, or not, whatever the sampler says. */
export function forceSampling(context: Context, sampled: boolean): Context {
  return context.setValue(FORCED, sampled);
}

// The flags of a SpanContext cannot say it.
const undecided = new WeakSet<SpanContext>();

/** Leaves it to this service whether the trace of a remote parent is sampled. */
export function leaveUndecided(parent: SpanContext): void {
  undecided.add(parent);
}

/** Whether a span started in `context` is sampled. */
export function isSampled(
  sampling: Sampling,
  context: Context,
  parent: SpanContext | undefined,
  traceId: string,
): boolean {
  const forced = context.getValue(FORCED);
  if (forced !== undefined) return forced === true;
  if (parent === undefined || !sampling.parentBased) return sampling.root(traceId);
  if (parent.isRemote === true && undecided.has(parent)) return sampling.root(traceId);
  return (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
}

/**
 * Samples this share of traces by their id, as OpenTelemetry's TraceIdRatioBased does in JavaScript, so that
 * services with and without Whodunit keep the same traces.
 */
export function ratioSampler(ratio: number): RootSampler {
  if (ratio >= 1) return () => true;
  if (ratio <= 0) return () => false;
  const bound = Math.floor(ratio * 0xffffffff);
  return (traceId) => {
    let sum = 0;
    for (let i = 0; i < 32; i += 8) sum = (sum ^ Number.parseInt(traceId.slice(i, i + 8), 16)) >>> 0;
    return sum < bound;
  };
}
