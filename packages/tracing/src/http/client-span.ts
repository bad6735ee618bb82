import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { childContext } from "../context/span-baggage.ts";
import { isSuppressed } from "../context/suppress.ts";
import { hideFromStranger, stampCaller } from "../propagation/caller.ts";
import { type HeaderCarrier, injectInto } from "../propagation/carriers.ts";
import { BAGGAGE_PREFIXES } from "../propagation/choose.ts";
import { outgoing } from "../running/outgoing.ts";
import { errorKind } from "../running/record-error.ts";
import type { RunningTracing } from "../running/running.ts";

/** What a client library tells of a request it is about to send. */
export interface OutgoingRequest {
  readonly method: string;
  /** The host connected to, which the Host header may not name. */
  readonly host: string;
  /** Undefined where nothing says it before there is a connection. */
  readonly port: number | undefined;
  readonly url: (port: number | undefined) => string;
  /** False when the headers are on their way already, or carry a trace of somebody else's. */
  readonly injectable: boolean;
  /** True when the headers carry a traceparent: then another instrumentation has its span. */
  readonly traced: boolean;
  readonly setHeader: (name: string, value: string) => void;
}

/** One outgoing request: a client span until the response's headers, and a record of traffic. */
export class ClientCall {
  readonly #tracing: RunningTracing;
  readonly #request: OutgoingRequest;
  readonly #span: Span | undefined;
  readonly #startedAt = performance.now();
  #settled = false;

  constructor(tracing: RunningTracing, request: OutgoingRequest) {
    this.#tracing = tracing;
    this.#request = request;
    if (request.traced) return;
    const parent = context.active();
    this.#span = tracing.tracer.startSpan(request.method, { kind: SpanKind.CLIENT }, parent);
    if (request.injectable) this.#inject(tracing, request, childContext(parent, this.#span));
  }

  /**
   * Tells how it went: the status of the response, or the error there was instead. Only the first counts. The port
   * connected to is asked for where the request did not say it.
   */
  settle(status: number | undefined, error: unknown, connectedTo?: number): void {
    if (this.#settled) return;
    this.#settled = true;
    const { method, host, port = connectedTo } = this.#request;
    const failure = status === undefined ? errorKind(error) : undefined;
    const span = this.#span;
    const durationMs = performance.now() - this.#startedAt;
    this.#tracing.traffic.record({
      side: "client",
      peer: port === undefined ? host : `${host}:${port}`,
      route: method,
      status,
      errorType: failure,
      aborted: false,
      durationMs,
      trace: span?.isRecording() ? span.spanContext() : undefined,
      thrown: undefined,
    });
    this.#tracing.metrics?.client(
      {
        method,
        status,
        errorType: failure ?? (status !== undefined && status >= 400 ? String(status) : undefined),
        durationMs,
        context: span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span),
      },
      host,
      port,
    );
    if (span === undefined) return;
    if (span.isRecording()) this.#describe(span, port, status, failure);
    span.end();
  }

  #inject(tracing: RunningTracing, request: OutgoingRequest, own: Context): void {
    try {
      const headers: HeaderCarrier = {};
      injectInto(own, headers);
      if (tracing.trusts(request.host)) stampCaller(headers, tracing.service);
      else hideFromStranger(headers, BAGGAGE_PREFIXES);
      for (const name in headers) request.setHeader(name, headers[name]!);
    } catch (error) {
      // A propagator of the service's own may write what no header can hold: the request goes out without.
      reportFault("WHODUNIT_INJECT", error);
    }
  }

  #describe(
    span: Span,
    port: number | undefined,
    status: number | undefined,
    failure: string | undefined,
  ): void {
    const { method, host, url } = this.#request;
    const attributes: Attributes = {
      "http.request.method": method,
      "server.address": host,
      "url.full": this.#tracing.redactor.redactUrl(url(port)),
    };
    if (port !== undefined) attributes["server.port"] = port;
    if (status !== undefined) attributes["http.response.status_code"] = status;
    // HTTP semantic conventions: to the caller a 4xx is an error too.
    if (failure !== undefined || (status !== undefined && status >= 400)) {
      attributes["error.type"] = failure ?? String(status);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.setAttributes(outgoing(attributes));
  }
}

/** Whether a request made now is telemetry's own. */
export function isOwnRequest(): boolean {
  return isSuppressed(context.active());
}
