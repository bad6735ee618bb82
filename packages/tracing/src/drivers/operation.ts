import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { errorType, reportFault } from "@whodunit/core";
import { isSuppressed } from "../context/suppress.ts";
import type { Discardable } from "../provider/ended-span.ts";
import { isInstrumented } from "../running/instrumented.ts";
import { outgoing, outgoingName } from "../running/outgoing.ts";
import { errorKind } from "../running/record-error.ts";
import { type RunningTracing, runningTracing } from "../running/running.ts";
import { Unanswered } from "../traffic/unanswered.ts";
import { type Callee, calleeName, countedName } from "./callee.ts";
import { isEnclosed } from "./enclosed.ts";

/** What is made of an error of a driver's. */
export interface Failure {
  /** What kind of failure: `error.type` of the span. */
  readonly type: string;
  /** The same in words for traffic and verdicts. @default type */
  readonly counted?: string;
  /** The code that the server answered (`db.response.status_code`). */
  readonly status?: string | undefined;
  /** The server is well and refused what it was asked. */
  readonly refused: boolean;
}

/** What a kind of client brings along. */
export interface Driver<Subject> {
  /** The scopes of OpenTelemetry's instrumentations that make spans of the same operations. */
  readonly instrumentations: readonly string[];
  /** The attributes of an operation; asked at its end, for spans that are recorded, and before where a sampler reads them. */
  describe(subject: Subject, callee: Callee): Attributes;
  failureOf(error: unknown, subject: Subject, callee: Callee): Failure;
}

/** What is known of an operation as it begins. */
export interface OperationStart<Subject> {
  readonly driver: Driver<Subject>;
  readonly callee: Callee;
  /** The span's name, of few kinds: `SELECT orders`, `GET`, `send orders`. */
  readonly name: string;
  readonly subject: Subject;
  /** @default SpanKind.CLIENT */
  readonly kind?: SpanKind;
  /** Of what is the client's own housekeeping: it has a span only inside of another. @default false */
  readonly onlyInside?: boolean;
}

/** One operation of a database or broker: a span, and one record of traffic. None of its methods throws. */
export class Operation extends Unanswered {
  readonly #tracing: RunningTracing;
  readonly #start: OperationStart<unknown>;
  readonly #span: Span | undefined;
  readonly startedAtMs: number = performance.now();
  #ended = false;

  constructor(tracing: RunningTracing, start: OperationStart<unknown>, span: Span | undefined) {
    super();
    this.#tracing = tracing;
    this.#start = start;
    this.#span = span;
  }

  /** OpenTelemetry's span; undefined where another instrumentation has its own. */
  get span(): Span | undefined {
    return this.#span;
  }

  waitsFor(): ReturnType<Unanswered["waitsFor"]> {
    const peer = calleeName(this.#start.callee);
    return { side: "client", peer, route: countedName(this.#tracing.traffic, peer, this.#start.name) };
  }

  /** Ends it. Only the first end counts. */
  end(): void {
    this.#end(undefined);
  }

  /** Ends it with what went wrong. */
  fail(error: unknown): void {
    this.#end({ error });
  }

  #end(failed: { readonly error: unknown } | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tracing.traffic.unanswered.delete(this);
    try {
      const { driver, subject, callee } = this.#start;
      const failure = failed === undefined ? undefined : driver.failureOf(failed.error, subject, callee);
      const span = this.#span === undefined || this.#isToldBelow(this.#span) ? undefined : this.#span;
      this.#count(failure, span);
      if (span === undefined) return;
      if (span.isRecording()) this.#describe(span, failure, failed?.error);
      span.end();
    } catch (error) {
      reportFault("WHODUNIT_CHANNEL", error);
    }
  }

  #count(failure: Failure | undefined, span: Span | undefined): void {
    const { callee, name } = this.#start;
    const peer = calleeName(callee);
    const { traffic } = this.#tracing;
    traffic.record({
      side: "client",
      peer,
      route: countedName(traffic, peer, name),
      status: undefined,
      errorType: failure?.counted ?? failure?.type,
      refused: failure?.refused === true,
      aborted: false,
      durationMs: performance.now() - this.startedAtMs,
      trace: span?.isRecording() === true ? span.spanContext() : undefined,
      thrown: undefined,
    });
  }

  /** Whether an instrumentation of a client below has turned out to make spans of the same: ours is taken back. */
  #isToldBelow(span: Span): boolean {
    const { discard } = span as Partial<Discardable>;
    const { instrumentations } = this.#start.driver;
    if (discard === undefined || !isInstrumented(instrumentations, false)) return false;
    discard.call(span);
    return true;
  }

  #describe(span: Span, failure: Failure | undefined, error: unknown): void {
    const { driver, subject, callee } = this.#start;
    const attributes = driver.describe(subject, callee);
    if (failure !== undefined) {
      attributes["error.type"] = failure.type;
      if (failure.status !== undefined) attributes["db.response.status_code"] = failure.status;
      span.setStatus({ code: SpanStatusCode.ERROR });
      recordFailure(span, error);
    }
    span.setAttributes(outgoing(attributes));
  }
}

/**
 * Starts an operation; undefined where it is telemetry's own, part of another operation, or nothing is traced. Never
 * throws.
 */
export function startOperation<Subject>(start: OperationStart<Subject>): Operation | undefined {
  try {
    const tracing = runningTracing();
    const { system, host = "", port } = start.callee;
    if (tracing === undefined || isEnclosed(system)) return undefined;
    const active = context.active();
    if (isSuppressed(active) || tracing.ignores?.(host, port, "") === true) return undefined;
    const operation = new Operation(
      tracing,
      start as OperationStart<unknown>,
      spanOf(tracing, start, active),
    );
    // What waits on its own behalf, such as a consumer for the next message, keeps nobody waiting.
    if (trace.getSpan(active) !== undefined) tracing.traffic.unanswered.add(operation);
    return operation;
  } catch (error) {
    reportFault("WHODUNIT_CHANNEL", error);
    return undefined;
  }
}

function spanOf<Subject>(
  tracing: RunningTracing,
  { driver, callee, subject, name, kind = SpanKind.CLIENT, onlyInside }: OperationStart<Subject>,
  active: Context,
): Span | undefined {
  if (onlyInside === true && trace.getSpan(active) === undefined) return undefined;
  if (isInstrumented(driver.instrumentations, tracing.foreignProvider)) return undefined;
  const options = tracing.describesFirst
    ? { kind, attributes: outgoing(driver.describe(subject, callee)) }
    : { kind };
  return tracing.tracer.startSpan(outgoingName(name), options, active);
}

function recordFailure(span: Span, error: unknown): void {
  const attributes: Attributes = { "exception.type": errorType(error) };
  try {
    const { message } = error as { message?: unknown };
    if (typeof message === "string") attributes["exception.message"] = unquoted(message);
  } catch {
    // What cannot be read of it is still an error of this type.
  }
  // Without the stack, which is the driver's own and begins with the message.
  span.addEvent("exception", outgoing(attributes));
}

const MESSAGE_MAX_LENGTH = 1_024;

/**
 * A message without what the server quotes in it, names as well as values. Quotes within quotes are not escaped (`near
 * 'SELEC 'secret'' at line 1`), so all from the first to the last goes.
 */
function unquoted(message: string): string {
  const first = message.search(/['"`]/);
  if (first === -1) return message.slice(0, MESSAGE_MAX_LENGTH);
  const last = Math.max(...["'", '"', "`"].map((quote) => message.lastIndexOf(quote)));
  const rest = last === first ? "" : message.slice(last + 1);
  return `${message.slice(0, first)}?${rest}`.slice(0, MESSAGE_MAX_LENGTH);
}

/** A failure that nothing more is known of. */
export function plainFailure(error: unknown): Failure {
  return { type: errorKind(error), refused: false };
}
