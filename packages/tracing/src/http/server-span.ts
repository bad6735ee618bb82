import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ObservedRequest, RequestEnd } from "@whodunit/core";
import { LEAN_ROOT } from "../context/lean-context.ts";
import { toAttribute } from "../opentracing/tags.ts";
import { callerOf } from "../propagation/caller.ts";
import { HEADERS } from "../propagation/carriers.ts";
import type { Discardable } from "../provider/ended-span.ts";
import { outgoing, outgoingName, setOutgoing } from "../running/outgoing.ts";
import { errorKind, recordError } from "../running/record-error.ts";
import { type RunningTracing, runningTracing } from "../running/running.ts";
import { Unanswered } from "../traffic/unanswered.ts";
import { foreignServerSpan, rpcMetadata } from "./foreign-server-span.ts";
import {
  CollectedAttributes,
  methodOf,
  pathOf,
  routeName,
  schemeOf,
  setRequestAttributes,
  spanName,
} from "./request-attributes.ts";

const SERVER = { kind: SpanKind.SERVER } as const;

// What is seen only when it is over began before.
const startedAt = (observed: ObservedRequest): SpanOptions => ({
  ...SERVER,
  startTime: performance.timeOrigin + observed.startedAt,
});

function withAttributes(
  tracing: RunningTracing,
  observed: ObservedRequest,
  options: SpanOptions,
): SpanOptions {
  const { attributes } = describedBy(tracing, observed, undefined);
  return { ...options, attributes: outgoing(attributes) };
}

/** What is kept of a request until it ends. */
class Serving extends Unanswered {
  readonly tracing: RunningTracing;
  readonly caller: string;
  readonly span: Span;
  /** The context that another instrumentation's span came in. */
  readonly active: Context;
  readonly observed: ObservedRequest;

  constructor(
    tracing: RunningTracing,
    observed: ObservedRequest,
    caller: string,
    span: Span,
    active: Context,
  ) {
    super();
    this.tracing = tracing;
    this.observed = observed;
    this.caller = caller;
    this.span = span;
    this.active = active;
  }

  get startedAtMs(): number {
    return this.observed.startedAt;
  }

  waitsFor(): ReturnType<Unanswered["waitsFor"]> {
    const { isOwn, headersAt } = this.observed;
    if (isOwn || headersAt !== undefined) return undefined;
    return { side: "server", peer: this.caller, route: routeOf(this.observed) };
  }
}

/**
 * Runs `next`, and with it the request, in a server span; counts the request as traffic. The first plugin
 * that comes with a request has it, later ones pass on.
 */
export function serve(observed: ObservedRequest, next: () => void): void {
  const tracing = runningTracing();
  if (tracing === undefined || observed.isOwn) {
    next();
    return;
  }
  if (observed.isLikelyOwn && observed.end === undefined) {
    observed.onEnd(serveLate);
    next();
    return;
  }
  if (!observed.claim("span")) {
    next();
    return;
  }
  const active = context.active();
  const foreign = foreignServerSpan(active);
  if (foreign === undefined) serveInSpan(tracing, observed, next);
  else serveInForeignSpan(tracing, observed, foreign, active, next);
}

// Whose request it was is known by now.
function serveLate(_end: RequestEnd, observed: ObservedRequest): void {
  serve(observed, () => {});
}

function serveInSpan(tracing: RunningTracing, observed: ObservedRequest, next: () => void): void {
  const { request } = observed;
  // The root context: what was active when the server began to listen is no parent of its requests.
  const parent = propagation.extract(LEAN_ROOT, request.headers, HEADERS);
  const caller = callerOf(trace.getSpanContext(parent));
  const debugged = tracing.debug?.enter(parent, request);
  const name = outgoingName(spanName(request, observed.route));
  const plain = observed.end === undefined ? SERVER : startedAt(observed);
  const options = tracing.describesFirst ? withAttributes(tracing, observed, plain) : plain;
  const span = tracing.tracer.startSpan(name, options, debugged === undefined ? parent : debugged.start);
  begin(endInSpan, new Serving(tracing, observed, caller, span, LEAN_ROOT));
  const own = trace.setSpan(debugged === undefined ? parent : debugged.goOn, span);
  if (tracing.contextInFrame) observed.enterOtel(own, next);
  else context.with(own, enterWithoutOtel, undefined, observed, next);
}

// Another's context manager keeps the context; the frame still says which request this is.
function enterWithoutOtel(observed: ObservedRequest, next: () => void): void {
  observed.enterOtel(undefined, next);
}

function begin(
  atEnd: (end: RequestEnd, observed: ObservedRequest, serving: Serving) => void,
  serving: Serving,
): void {
  const { observed, tracing } = serving;
  if (observed.end === undefined) tracing.traffic.unanswered.add(serving);
  observed.onEnd(atEnd, serving);
}

function endInSpan(end: RequestEnd, observed: ObservedRequest, serving: Serving): void {
  const { tracing, caller, span } = serving;
  tracing.traffic.unanswered.delete(serving);
  if (observed.isOwn) {
    discard(span);
    return;
  }
  count(tracing, observed, end, caller, span);
  if (span.isRecording()) describe(tracing, observed, end, span);
  span.end();
}

/** Another instrumentation made the server span: it learns the route from us, and traffic is counted. */
function serveInForeignSpan(
  tracing: RunningTracing,
  observed: ObservedRequest,
  span: Span,
  active: Context,
  next: () => void,
): void {
  const remote = propagation.extract(LEAN_ROOT, observed.request.headers, HEADERS);
  const caller = callerOf(trace.getSpanContext(remote));
  begin(endForeignSpan, new Serving(tracing, observed, caller, span, active));
  if (tracing.contextInFrame) observed.enterOtel(active, next);
  else enterWithoutOtel(observed, next);
}

function endForeignSpan(end: RequestEnd, observed: ObservedRequest, serving: Serving): void {
  const { tracing, caller, span, active } = serving;
  tracing.traffic.unanswered.delete(serving);
  if (observed.isOwn) return;
  count(tracing, observed, end, caller, span);
  if (span.isRecording()) setDescribed(span, observed.described);
  const { route } = observed;
  if (route === undefined) return;
  const metadata = rpcMetadata(active);
  if (metadata !== undefined) metadata.route = route;
  if (span.isRecording()) span.setAttributes(outgoing({ "http.route": route }));
}

// Another's span cannot be taken back: it ends, and its own processors decide.
function discard(span: Span): void {
  const { discard: takeBack } = span as Partial<Discardable>;
  if (takeBack === undefined) span.end();
  else takeBack.call(span);
}

const routeOf = ({ request, route }: ObservedRequest): string => routeName(methodOf(request), route ?? "*");

function count(
  tracing: RunningTracing,
  observed: ObservedRequest,
  end: RequestEnd,
  caller: string,
  span: Span,
): void {
  tracing.traffic.record({
    side: "server",
    peer: caller,
    route: routeOf(observed),
    status: end.status,
    errorType: end.outcome === "torn" ? "torn" : undefined,
    aborted: end.outcome === "aborted",
    durationMs: end.durationMs,
    // What the client waits for first, as its own side counts it: a long body is no slow answer.
    latencyMs: end.headersMs ?? end.durationMs,
    trace: span.isRecording() ? span.spanContext() : undefined,
    thrown: observed.error === undefined ? undefined : errorKind(observed.error),
    described: observed.described,
    path: observed.described === undefined ? undefined : pathOf(observed.request),
  });
  tracing.metrics?.server(
    {
      method: methodOf(observed.request),
      status: end.status,
      errorType: failureOf(observed, end),
      durationMs: end.durationMs,
      context: trace.setSpan(LEAN_ROOT, span),
    },
    observed.route,
    schemeOf(observed.request),
  );
}

/** What `error.type` says; undefined when all went well. */
function failureOf({ error }: ObservedRequest, end: RequestEnd): string | undefined {
  const { outcome, status } = end;
  if (outcome === "aborted") return "aborted";
  if (outcome === "torn") return error === undefined ? "torn" : errorKind(error);
  if (status === undefined || status < 500) return undefined;
  return error === undefined ? String(status) : errorKind(error);
}

function setDescribed(span: Span, described: readonly unknown[] | undefined): void {
  if (described === undefined) return;
  for (let i = 0; i < described.length; i += 2) {
    const value = toAttribute(described[i + 1]);
    if (value !== undefined) setOutgoing(span, described[i] as string, value);
  }
}

function describedBy(
  tracing: RunningTracing,
  { request, route }: ObservedRequest,
  end: RequestEnd | undefined,
): CollectedAttributes {
  const all = new CollectedAttributes();
  setRequestAttributes(all, tracing.redactor, request, route, end);
  return all;
}

function describe(tracing: RunningTracing, observed: ObservedRequest, end: RequestEnd, span: Span): void {
  const { route, error } = observed;
  if (route !== undefined) span.updateName(outgoingName(spanName(observed.request, route)));
  // First, so that what the conventions say of a request stands whatever it was described by.
  setDescribed(span, observed.described);
  if (tracing.foreignProvider) {
    span.setAttributes(outgoing(describedBy(tracing, observed, end).attributes));
  } else setRequestAttributes(span, tracing.redactor, observed.request, route, end);

  if (error !== undefined) recordError(span, error);
  const failure = failureOf(observed, end);
  if (failure !== undefined) span.setAttributes(outgoing({ "error.type": failure }));
  // An abort is the client's doing, no error of the server.
  if (failure !== undefined && end.outcome !== "aborted") span.setStatus({ code: SpanStatusCode.ERROR });
}
