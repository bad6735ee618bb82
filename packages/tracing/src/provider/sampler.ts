import {
  type Attributes,
  type Context,
  createContextKey,
  type Link,
  type SpanContext,
  type SpanKind,
  TraceFlags,
  type TraceState,
  trace,
} from "@opentelemetry/api";

/** Decides whether a trace that begins here is sampled. */
export type RootSampler = (traceId: string) => boolean;

/** What a span about to start is decided by. */
export interface Question {
  readonly context: Context;
  readonly traceId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes | undefined;
  readonly links: Link[] | undefined;
}

/** What becomes of it. */
export interface Decision {
  readonly sampled: boolean;
  readonly recorded: boolean;
  readonly attributes?: Readonly<Attributes> | undefined;
  readonly traceState?: TraceState | undefined;
}

/** What the sampling of a process is made of. */
export interface Sampling {
  readonly root: RootSampler;
  /** Whether a parent's decision counts; always, unless OTEL_TRACES_SAMPLER names a sampler without it. */
  readonly parentBased: boolean;
  /** Records unsampled traces too, to keep the failed ones. */
  readonly keepErrors: boolean;
  /** A sampler of the service's own, which decides in place of `root` and of the parent. */
  readonly decide?: ((question: Question) => Decision) | undefined;
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
  if (parent === undefined || !sampling.parentBased || isUndecided(parent)) return sampling.root(traceId);
  return (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** What the service's own sampler says of a span; undefined where there is none, or where it is not asked. */
export function ownDecision(
  { decide }: Sampling,
  parent: SpanContext | undefined,
  question: Question,
): Decision | undefined {
  const { context } = question;
  if (decide === undefined || context.getValue(FORCED) !== undefined) return undefined;
  if (parent !== undefined && !isUndecided(parent)) return decide(question);
  // To a sampler that goes by the parent's flags it is a trace that begins here.
  return decide({ ...question, context: trace.deleteSpan(context) });
}

const isUndecided = (parent: SpanContext): boolean => parent.isRemote === true && undecided.has(parent);

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
