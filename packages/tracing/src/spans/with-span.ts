import { type Context, context, trace } from "@opentelemetry/api";
import { spanSlot } from "../context/span-slot.ts";
import { Span } from "../opentracing/span.ts";
import { type SpanOptions, tracer } from "../opentracing/tracer.ts";

const wrapper = spanSlot<Span>();

/** Runs `work` in a new span, a child of the active one, and ends it: what is thrown or rejected marks it failed. */
export function withSpan<Result>(name: string, work: (span: Span) => Result): Result;
/** Runs `work` in a new span, started with `options`. */
export function withSpan<Result>(name: string, options: SpanOptions, work: (span: Span) => Result): Result;
export function withSpan<Result>(
  name: string,
  second: SpanOptions | ((span: Span) => Result),
  third?: (span: Span) => Result,
): Result {
  const work = (third ?? second) as (span: Span) => Result;
  const span = tracer.startSpan(name, third === undefined ? undefined : (second as SpanOptions));
  wrapper.set(span.otel, span);
  let result: Result;
  try {
    result = context.with(span.enter(), work, undefined, span);
  } catch (error) {
    span.fail(error);
    span.finish();
    throw error;
  }
  if (!isThenable(result)) {
    span.finish();
    return result;
  }
  try {
    return result.then(
      (value) => {
        span.finish();
        return value;
      },
      (error: unknown) => {
        span.fail(error);
        span.finish();
        throw error;
      },
    ) as Result;
  } catch {
    // A then() that throws: whoever awaits the result learns it.
    span.finish();
    return result;
  }
}

/** What {@link traced} needs beside the function. */
export interface TracedOptions extends SpanOptions {
  /** The span's name. @default the function's own name */
  readonly name?: string;
}

/** A function that does what `work` does, each call in a span of its own. */
export function traced<This, Args extends unknown[], Result>(
  work: (this: This, ...args: Args) => Result,
  options: TracedOptions = {},
): (this: This, ...args: Args) => Result {
  const { name = work.name || "anonymous", ...rest } = options;
  return function tracedCall(this: This, ...args: Args): Result {
    return withSpan(name, rest, () => work.apply(this, args));
  };
}

/** The active span, whoever started it (a server span too); undefined outside of any. */
export function currentSpan(): Span | undefined {
  const active: Context = context.active();
  const otel = trace.getSpan(active);
  if (otel === undefined) return undefined;
  let span = wrapper.get(otel);
  if (span === undefined) {
    span = new Span(tracer, otel, active);
    wrapper.set(otel, span);
  }
  return span;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
  } catch {
    // A getter or Proxy of the service's own threw: it is handed on as it is.
    return false;
  }
}
