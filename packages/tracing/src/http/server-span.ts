import {
  type Context,
  context,
  createContextKey,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ObservedRequest, RequestEnd } from "@whodunit/core";
import { LEAN_ROOT } from "../context/lean-context.ts";
import { callerOf } from "../propagation/caller.ts";
import { HEADERS } from "../propagation/carriers.ts";
import type { Discardable } from "../provider/ended-span.ts";
import { outgoing, outgoingName } from "../running/outgoing.ts";
import { errorKind, recordError } from "../running/record-error.ts";
import { type RunningTracing, runningTracing } from "../running/running.ts";
import {
  CollectedAttributes,
  describeRequest,
  methodOf,
  routeName,
  schemeOf,
  spanName,
} from "./request-attributes.ts";

// Where instrumentation-http stands, it reads the route from here (the key of @opentelemetry/core).
const RPC_METADATA = createContextKey("OpenTelemetry SDK Context Key RPC_METADATA");

const SERVER = { kind: SpanKind.SERVER } as const;

// What is seen only when it is over began before.
const startedAt = (observed: ObservedRequest): SpanOptions => ({
  ...SERVER,
  startTime: performance.timeOrigin + observed.startedAt,
});

/** What is kept of a request until it ends. */
class Serving {
  readonly tracing: RunningTracing;
  readonly caller: string;
  readonly span: Span;
  /** The context that another instrumentation's span came in. */
  readonly active: Context;

  constructor(tracing: RunningTracing, caller: string, span: Span, active: Context) {
    this.tracing = tracing;
    this.caller = caller;
    this.span = span;
    this.active = active;
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
  if (isServerSpan(trace.getSpan(active))) serveInForeignSpan(tracing, observed, active, next);
  else serveInSpan(tracing, observed, next);
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
  const options = observed.end === undefined ? SERVER : startedAt(observed);
  const span = tracing.tracer.startSpan(name, options, debugged === undefined ? parent : debugged.start);
  observed.onEnd(endInSpan, new Serving(tracing, caller, span, LEAN_ROOT));
  const own = trace.setSpan(debugged === undefined ? parent : debugged.goOn, span);
  if (tracing.contextInFrame) observed.enterOtel(own, next);
  else context.with(own, enter, undefined, observed, next);
}

function enter(observed: ObservedRequest, next: () => void): void {
  observed.enter(next);
}

function endInSpan(end: RequestEnd, observed: ObservedRequest, { tracing, caller, span }: Serving): void {
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
  active: Context,
  next: () => void,
): void {
  const span = trace.getSpan(active) as Span;
  const remote = propagation.extract(LEAN_ROOT, observed.request.headers, HEADERS);
  const caller = callerOf(trace.getSpanContext(remote));
  observed.onEnd(endForeignSpan, new Serving(tracing, caller, span, active));
  observed.enter(next);
}

function endForeignSpan(end: RequestEnd, observed: ObservedRequest, serving: Serving): void {
  if (observed.isOwn) return;
  const { tracing, caller, span, active } = serving;
  count(tracing, observed, end, caller, span);
  const { route } = observed;
  if (route === undefined) return;
  const metadata = active.getValue(RPC_METADATA) as { route?: string } | undefined;
  if (metadata !== undefined) metadata.route = route;
  if (span.isRecording()) span.setAttributes(outgoing({ "http.route": route }));
}

// Another's span cannot be taken back: it ends, and its own processors decide.
function discard(span: Span): void {
  const { discard: takeBack } = span as Partial<Discardable>;
  if (takeBack === undefined) span.end();
  else takeBack.call(span);
}

function isServerSpan(span: Span | undefined): boolean {
  return (span as { kind?: SpanKind } | undefined)?.kind === SpanKind.SERVER && span?.isRecording() === true;
}

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
    route: routeName(methodOf(observed.request), observed.route ?? "*"),
    status: end.status,
    errorType: end.outcome === "torn" ? "torn" : undefined,
    aborted: end.outcome === "aborted",
    durationMs: end.durationMs,
    // What the client waits for first, as its own side counts it: a long body is no slow answer.
    latencyMs: end.headersMs ?? end.durationMs,
    trace: span.isRecording() ? span.spanContext() : undefined,
    thrown: observed.error === undefined ? undefined : errorKind(observed.error),
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

function describe(tracing: RunningTracing, observed: ObservedRequest, end: RequestEnd, span: Span): void {
  const { route, error } = observed;
  if (route !== undefined) span.updateName(outgoingName(spanName(observed.request, route)));
  if (tracing.foreignProvider) {
    const all = new CollectedAttributes();
    describeRequest(all, tracing.redactor, observed.request, route, end);
    span.setAttributes(outgoing(all.attributes));
  } else describeRequest(span, tracing.redactor, observed.request, route, end);

  if (error !== undefined) recordError(span, error);
  const failure = failureOf(observed, end);
  if (failure !== undefined) span.setAttributes(outgoing({ "error.type": failure }));
  // An abort is the client's doing, no error of the server.
  if (failure !== undefined && end.outcome !== "aborted") span.setStatus({ code: SpanStatusCode.ERROR });
}
