import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { childContext } from "../context/span-baggage.ts";
import { isSuppressed } from "../context/suppress.ts";
import { fitForHost } from "../propagation/caller.ts";
import { type HeaderCarrier, injectInto } from "../propagation/carriers.ts";
import { addWaited } from "../resources/waits.ts";
import { outgoing } from "../running/outgoing.ts";
import type { RunningTracing } from "../running/running.ts";
import type { TrafficRecord } from "../traffic/record.ts";
import { Unanswered } from "../traffic/unanswered.ts";
import { type CallEnd, READ } from "./call-end.ts";
import type { OpenCall } from "./open-calls.ts";

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
  /** Whether it has a header of this name, in lower case. */
  readonly has: (name: string) => boolean;
  readonly setHeader: (name: string, value: string) => void;
  /** Lets its headers be changed, by lower-case names; undefined where those that are there cannot be. */
  readonly rewrite?: (change: (headers: HeaderCarrier) => void) => void;
}

/** What is read of a connection: how much has come by it. */
export interface CallSocket {
  readonly bytesRead: number;
  /** Over HTTP/2 the bytes of many calls come by one connection. */
  readonly alpnProtocol?: string | false | null;
}

const NOT_YET = Number.NaN;
const CLIENT = { kind: SpanKind.CLIENT } as const;

/**
 * One outgoing request: a client span to the end of the response's body, and one record of traffic, whose latency is
 * the time to the response's headers.
 */
export class ClientCall extends Unanswered implements OpenCall {
  readonly #tracing: RunningTracing;
  readonly #request: OutgoingRequest;
  readonly #span: Span | undefined;
  readonly #trace: SpanContext | undefined;
  readonly startedAtMs: number = performance.now();
  #port: number | undefined;
  #status: number | undefined;
  #answeredAtMs = NOT_YET;
  #countedAtMs = NOT_YET;
  #counted: TrafficRecord | undefined;
  #ended = false;
  #socket: CallSocket | undefined;
  #bytesRead = NOT_YET;

  constructor(tracing: RunningTracing, request: OutgoingRequest) {
    super();
    this.#tracing = tracing;
    this.#request = request;
    this.#port = request.port;
    const parent = context.active();
    // What waits on its own behalf, such as a long poll, keeps nobody waiting.
    if (trace.getSpan(parent) !== undefined) tracing.traffic.unanswered.add(this);
    if (isTraced(tracing, request)) {
      if (request.injectable) this.#amend(tracing, request, trace.getSpanContext(parent));
      return;
    }
    const options = tracing.describesFirst ? { ...CLIENT, attributes: outgoing(this.#attributes) } : CLIENT;
    this.#span = tracing.tracer.startSpan(request.method, options, parent);
    if (this.#span.isRecording()) this.#trace = this.#span.spanContext();
    if (request.injectable) this.#inject(tracing, request, childContext(parent, this.#span));
  }

  waitsFor(): ReturnType<Unanswered["waitsFor"]> {
    return { side: "client", peer: this.#peer, route: this.#request.method };
  }

  get answeredAtMs(): number {
    return this.#answeredAtMs;
  }

  /** Tells by which connection it goes: what has been read there tells whether anybody reads the answer. */
  goesBy(socket: CallSocket | null | undefined): void {
    this.#socket = socket?.alpnProtocol === "h2" ? undefined : (socket ?? undefined);
  }

  /** Tells that it has a connection and goes out: until now it waited for one. */
  sent(): void {
    addWaited("sockets", this.#peer, performance.now() - this.startedAtMs);
  }

  get #peer(): string {
    const { host } = this.#request;
    return this.#port === undefined ? host : `${host}:${this.#port}`;
  }

  /** Tells that the headers of the answer are there. The port connected to is asked for where nothing said it before. */
  answered(status: number, connectedTo?: number): void {
    this.#status = status;
    this.#port ??= connectedTo;
    this.#answeredAtMs = performance.now();
    this.#tracing.traffic.unanswered.delete(this);
    this.#tracing.openCalls.add(this);
  }

  /** Tells how it ended. Only the first counts, but for an answer that tears after it was counted. */
  end(end: CallEnd, connectedTo?: number): void {
    this.#port ??= connectedTo;
    if (this.#counted === undefined) this.#count(end);
    else if (end.errorType !== undefined) this.#addFailure(this.#counted, end.errorType);
    if (this.#ended) return;
    this.#ended = true;
    this.#tracing.traffic.unanswered.delete(this);
    this.#tracing.openCalls.delete(this);
    this.#endSpan(end);
  }

  count(): void {
    if (this.#counted !== undefined) return;
    this.#count(READ);
    // What waits unread in buffers has come by now.
    this.#bytesRead = this.#socket?.bytesRead ?? NOT_YET;
  }

  leave(): void {
    this.end(READ);
  }

  endUnread(): boolean {
    const bytesRead = this.#socket?.bytesRead ?? NOT_YET;
    const isRead = bytesRead > this.#bytesRead;
    this.#bytesRead = bytesRead;
    if (!isRead) this.end(READ);
    return !isRead;
  }

  #count({ errorType, cancelled }: CallEnd): void {
    const nowMs = performance.now();
    const durationMs = nowMs - this.startedAtMs;
    const record: TrafficRecord = {
      side: "client",
      peer: this.#peer,
      route: this.#request.method,
      status: this.#status,
      errorType,
      aborted: cancelled,
      durationMs,
      latencyMs: this.#toHeadersMs ?? durationMs,
      trace: this.#trace,
      thrown: undefined,
    };
    this.#countedAtMs = nowMs;
    this.#counted = record;
    if (this.#tracing.traffic.record(record) !== "success") this.#countedAtMs = NOT_YET;
  }

  /** What was counted as a success was none. */
  #addFailure(counted: TrafficRecord, errorType: string): void {
    const agoMs = performance.now() - this.#countedAtMs;
    if (!Number.isNaN(agoMs)) this.#tracing.traffic.recordLateFailure(counted, errorType, agoMs);
    this.#countedAtMs = NOT_YET;
  }

  get #toHeadersMs(): number | undefined {
    return this.#status === undefined ? undefined : this.#answeredAtMs - this.startedAtMs;
  }

  #endSpan(end: CallEnd): void {
    const { method, host } = this.#request;
    const span = this.#span;
    const status = this.#status;
    // HTTP semantic conventions: to the caller a 4xx is an error too.
    const failure = end.errorType ?? (status !== undefined && status >= 400 ? String(status) : undefined);
    this.#tracing.metrics?.client(
      {
        method,
        status,
        errorType: failure,
        durationMs: performance.now() - this.startedAtMs,
        context: span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span),
      },
      host,
      this.#port,
    );
    if (span === undefined) return;
    if (span.isRecording()) this.#describe(span, failure);
    span.end();
  }

  #inject(tracing: RunningTracing, request: OutgoingRequest, own: Context): void {
    try {
      const headers: HeaderCarrier = {};
      injectInto(own, headers);
      fitForHost(headers, tracing.trusts(request.host), tracing.service);
      for (const name in headers) request.setHeader(name, headers[name]!);
    } catch (error) {
      // A propagator of the service's own may write what no header can hold: the request goes out without.
      reportFault("WHODUNIT_INJECT", error);
    }
  }

  /**
   * Has the headers of another instrumentation of this process go to whom ours would. They carry its span, which is the
   * active one; those that a proxy hands on carry another's, and are the proxy's business.
   */
  #amend(tracing: RunningTracing, { host, rewrite }: OutgoingRequest, own: SpanContext | undefined): void {
    if (own === undefined) return;
    try {
      rewrite?.((headers) => {
        if (headers.traceparent?.slice(36, 52) !== own.spanId) return;
        fitForHost(headers, tracing.trusts(host), tracing.service);
      });
    } catch (error) {
      reportFault("WHODUNIT_INJECT", error);
    }
  }

  get #attributes(): Attributes {
    const { method, host, url } = this.#request;
    const port = this.#port;
    const attributes: Attributes = {
      "http.request.method": method,
      "server.address": host,
      "url.full": this.#tracing.redactor.redactUrl(url(port)),
    };
    if (port !== undefined) attributes["server.port"] = port;
    return attributes;
  }

  #describe(span: Span, failure: string | undefined): void {
    const attributes = this.#attributes;
    if (this.#status !== undefined) attributes["http.response.status_code"] = this.#status;
    if (failure !== undefined) {
      attributes["error.type"] = failure;
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.setAttributes(outgoing(attributes));
  }
}

/** Whether another instrumentation has its span of this call: then its headers carry it. */
function isTraced({ foreignProvider }: RunningTracing, { has }: OutgoingRequest): boolean {
  // Sentry and Datadog may send headers of their own alone; they stand for a span of our provider's only where it is theirs.
  return has("traceparent") || (foreignProvider && (has("sentry-trace") || has("x-datadog-trace-id")));
}

/** Whether a request made now is telemetry's own. */
export function isOwnRequest(): boolean {
  return isSuppressed(context.active());
}
