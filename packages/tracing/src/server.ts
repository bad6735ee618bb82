import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ObservedRequest, RequestEnd } from "@whodunit/core";
import { outgoing, outgoingName } from "./beside.ts";
import { errorType, recordError } from "./error.ts";
import { callerOf } from "./propagation/caller.ts";
import { HEADERS } from "./propagation/carriers.ts";
import { type Runtime, runtime } from "./runtime.ts";

// HTTP semantic conventions 1.45, http.request.method: any other is `_OTHER`, so that names stay few.
const METHODS = new Set("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY".split(" "));
// Where instrumentation-http stands, it reads the route from here (the key of @opentelemetry/core).
const RPC_METADATA = createContextKey("OpenTelemetry SDK Context Key RPC_METADATA");

/**
 * Runs `next`, and with it the request, in a server span; counts the request as traffic. The first plugin
 * that comes with a request has it, later ones pass on.
 */
export function serve(observed: ObservedRequest, next: () => void): void {
  const tracing = runtime();
  if (tracing === undefined || observed.quiet || !observed.claim("span")) {
    next();
    return;
  }
  const active = context.active();
  if (isServerSpan(trace.getSpan(active))) serveBeside(tracing, observed, active, next);
  else serveInSpan(tracing, observed, next);
}

function serveInSpan(tracing: Runtime, observed: ObservedRequest, next: () => void): void {
  // The root context: what was active when the server began to listen is no parent of its requests.
  const { headers } = observed.request;
  const parent = propagation.extract(ROOT_CONTEXT, headers, HEADERS);
  const caller = callerOf(trace.getSpanContext(parent));
  const { start, goOn } = tracing.debug?.enter(parent, headers) ?? { start: parent, goOn: parent };
  const name = outgoingName(spanName(observed.request, observed.route));
  const span = tracing.tracer.startSpan(name, { kind: SpanKind.SERVER }, start);
  observed.onEnd((end) => {
    count(tracing, observed, end, caller, span);
    if (span.isRecording()) describe(tracing, observed, end, span);
    span.end();
  });
  context.with(trace.setSpan(goOn, span), () => observed.enter(next));
}

/** Another instrumentation made the server span: it learns the route from us, and traffic is counted. */
function serveBeside(tracing: Runtime, observed: ObservedRequest, active: Context, next: () => void): void {
  const span = trace.getSpan(active) as Span;
  const remote = propagation.extract(ROOT_CONTEXT, observed.request.headers, HEADERS);
  const caller = callerOf(trace.getSpanContext(remote));
  observed.onEnd((end) => {
    count(tracing, observed, end, caller, span);
    const { route } = observed;
    if (route === undefined) return;
    const metadata = active.getValue(RPC_METADATA) as { route?: string } | undefined;
    if (metadata !== undefined) metadata.route = route;
    if (span.isRecording()) span.setAttributes(outgoing({ "http.route": route }));
  });
  observed.enter(next);
}

function isServerSpan(span: Span | undefined): boolean {
  return (span as { kind?: SpanKind } | undefined)?.kind === SpanKind.SERVER && span?.isRecording() === true;
}

function count(
  tracing: Runtime,
  observed: ObservedRequest,
  end: RequestEnd,
  caller: string,
  span: Span,
): void {
  tracing.traffic.record({
    side: "server",
    peer: caller,
    route: `${methodOf(observed.request)} ${observed.route ?? "*"}`,
    status: end.status,
    errorType: undefined,
    aborted: end.aborted,
    durationMs: end.durationMs,
    trace: span.isRecording() ? span.spanContext() : undefined,
    thrown: observed.error === undefined ? undefined : errorType(observed.error),
  });
  tracing.metrics?.server(
    {
      method: methodOf(observed.request),
      status: end.aborted ? undefined : end.status,
      errorType: failureOf(observed, end),
      durationMs: end.durationMs,
      context: trace.setSpan(ROOT_CONTEXT, span),
    },
    observed.route,
    schemeOf(observed.request),
  );
}

/** What `error.type` says; undefined when all went well. */
function failureOf({ error }: ObservedRequest, end: RequestEnd): string | undefined {
  if (end.aborted) return "aborted";
  if (end.status < 500) return undefined;
  return error === undefined ? String(end.status) : errorType(error);
}

const schemeOf = (request: IncomingMessage): string =>
  (request.socket as Partial<TLSSocket>).encrypted ? "https" : "http";

function describe(tracing: Runtime, observed: ObservedRequest, end: RequestEnd, span: Span): void {
  const { request, route } = observed;
  const { method = "GET", headers } = request;
  const known = methodOf(request);
  const attributes: Attributes = { "http.request.method": known };
  if (known !== method) attributes["http.request.method_original"] = method;
  if (route !== undefined) {
    attributes["http.route"] = route;
    span.updateName(outgoingName(spanName(request, route)));
  }
  const url = tracing.redactor.redactUrl(request.url ?? "");
  const query = url.indexOf("?");
  attributes["url.path"] = query === -1 ? url : url.slice(0, query);
  if (query !== -1) attributes["url.query"] = url.slice(query + 1);
  attributes["url.scheme"] = schemeOf(request);
  addAuthority(attributes, headers.host);
  attributes["network.protocol.version"] = request.httpVersion;
  const agent = headers["user-agent"];
  if (agent !== undefined) attributes["user_agent.original"] = agent;
  // An aborted request's status was set, perhaps, and never seen by anybody.
  if (!end.aborted) attributes["http.response.status_code"] = end.status;
  span.setAttributes(outgoing(attributes));

  const { error } = observed;
  if (error !== undefined) recordError(span, error);
  const failure = failureOf(observed, end);
  if (failure !== undefined) span.setAttributes(outgoing({ "error.type": failure }));
  // An abort is the client's doing, no error of the server.
  if (failure !== undefined && !end.aborted) span.setStatus({ code: SpanStatusCode.ERROR });
}

function addAuthority(attributes: Attributes, host: string | undefined): void {
  if (host === undefined) return;
  const port = /:(\d{1,5})$/.exec(host);
  attributes["server.address"] = port === null ? host : host.slice(0, port.index);
  if (port !== null) attributes["server.port"] = Number(port[1]);
}

function methodOf(request: IncomingMessage): string {
  const method = request.method ?? "GET";
  return METHODS.has(method) ? method : "_OTHER";
}

/** `{method} {route}`; a method of no convention is `HTTP` (HTTP semantic conventions, span name). */
function spanName(request: IncomingMessage, route: string | undefined): string {
  const method = methodOf(request);
  const verb = method === "_OTHER" ? "HTTP" : method;
  return route === undefined ? verb : `${verb} ${route}`;
}
