import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";

/**
 * What became of a response: `complete`; `aborted`, the client went away before it was; `torn`, the server itself
 * ended the connection in the middle of it.
 */
export type RequestOutcome = "complete" | "aborted" | "torn";

/** How an observed request ended. Told once. */
export interface RequestEnd {
  /** The status code that was sent; undefined where the request ended before any was. */
  readonly status: number | undefined;
  readonly outcome: RequestOutcome;
  /** From the first look at the request to its response headers, in milliseconds; undefined where none were seen. */
  readonly headersMs: number | undefined;
  /** From the first look at the request to its end, in milliseconds. */
  readonly durationMs: number;
}

/** A request that takes so long is worth keeping whatever became of it: people have noticed (Nielsen's limit of a second). */
export const SLOW_MS = 1_000;

/** Whether its client waited {@link SLOW_MS} or more for the headers, or for nothing. A long body is no slow answer. */
export const isSlow = ({ headersMs, durationMs }: RequestEnd): boolean =>
  (headersMs ?? durationMs) >= SLOW_MS;

const CONNECTION_ERROR =
  /^(?:ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTCONN|HPE_.*|ERR_(?:HTTP|SSL|TLS)_.*)$/;
// RFC 9113, section 7: the stream is no longer wanted. Node gives it, too, where the connection is gone.
const CANCEL = 8;
// A stream of events has no end of its own (HTML, "Server-sent events"): its reader's leaving is its proper one.
const ENDLESS = /^\s*(?:text\/event-stream|multipart\/x-mixed-replace)\b/i;

/** What is noted of a response while it goes on. */
export interface ResponseFacts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the request was first seen, as `performance.now()`, in milliseconds. */
  readonly startedAt: number;
  /** When its response headers were written. */
  readonly headersAt: number | undefined;
  /** The last argument of `writeHead`: headers that the response itself does not know. */
  readonly headersGiven: unknown;
  /** The status code that somebody else wrote on the socket, who took the connection over. */
  readonly takenOverWith: number | undefined;
}

/** How a response ended that Node says is over. `finished`: by its own account it has written all of it. */
export function endOf(facts: ResponseFacts, finished: boolean): RequestEnd {
  const { request, response, startedAt, headersAt } = facts;
  const stream = streamOf(response);
  // Over HTTP/2, Node calls a stream finished that was reset.
  const whole = finished && (stream === undefined || isWhole(stream));
  const headersSent = whole || response.headersSent;
  const takenOverWith = headersSent ? undefined : facts.takenOverWith;
  let outcome: RequestOutcome = whole ? "complete" : brokenBy(request, response, stream);
  // Whoever took the connection over ends it when it is done.
  if (takenOverWith !== undefined) outcome = "complete";
  else if (outcome === "aborted" && headersSent && isEndless(facts)) outcome = "complete";
  return {
    status: headersSent ? response.statusCode : takenOverWith,
    outcome,
    headersMs: headersAt === undefined ? undefined : headersAt - startedAt,
    durationMs: performance.now() - startedAt,
  };
}

function isEndless({ response, headersGiven }: ResponseFacts): boolean {
  const type = response.getHeader("content-type") ?? contentTypeAmong(headersGiven);
  return ENDLESS.test(String(type));
}

// As `writeHead` takes them: an object, a flat list of names and values, or a list of pairs.
function contentTypeAmong(headers: unknown): unknown {
  if (typeof headers !== "object" || headers === null) return undefined;
  const pairs = Array.isArray(headers) ? pairsOf(headers) : Object.entries(headers);
  return pairs.find(([name]) => String(name).toLowerCase() === "content-type")?.[1];
}

const pairsOf = (list: readonly unknown[]): (readonly unknown[])[] =>
  Array.isArray(list[0])
    ? (list as unknown[][])
    : list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]]] : []));

function brokenBy(
  request: IncomingMessage,
  response: ServerResponse,
  stream: ServerHttp2Stream | undefined,
): RequestOutcome {
  if (stream !== undefined) return stream.rstCode === CANCEL && !isGivenUp(stream) ? "aborted" : "torn";
  const socket = request.socket as Socket & { readonly errored: unknown };
  // `response.destroy(error)` hands its error on to the socket.
  if (response.errored && response.errored === socket.errored) return "torn";
  // The client's FIN or RST came first; without either, it was this process that ended the connection.
  return socket.readableEnded || isEnded(socket) || isConnectionError(socket.errored) ? "aborted" : "torn";
}

// Where the service destroys a stream with an AbortError, Node cancels it. What it destroys one with that the client has
// cancelled already comes too late to be the cause.
const isGivenUp = ({ errored }: ServerHttp2Stream): boolean => errored?.name === "AbortError";

/** What the service destroyed its response with. */
export function errorOf(response: ServerResponse): Error | undefined {
  const errored = response.errored ?? streamOf(response)?.errored ?? undefined;
  // Node's own, of a stream that was reset, says no more than that.
  return (errored as NodeJS.ErrnoException | undefined)?.code === "ERR_HTTP2_STREAM_ERROR"
    ? undefined
    : errored;
}

// An error of the connection, or of what the client sent over it; any other was given to `destroy()` by the service.
function isConnectionError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && CONNECTION_ERROR.test(code);
}

// `readableEnded` wants somebody to have read the end; what came in is known before.
function isEnded(socket: Socket): boolean {
  return (socket as { _readableState?: { ended?: boolean } })._readableState?.ended === true;
}

const isWhole = (stream: ServerHttp2Stream): boolean =>
  !stream.aborted && (stream.rstCode ?? 0) === 0 && stream.writableEnded;

function streamOf(response: ServerResponse): ServerHttp2Stream | undefined {
  return (response as Partial<Pick<Http2ServerResponse, "stream">>).stream;
}

/**
 * Whether a request has a body. RFC 9112, section 6: it says so by Content-Length or Transfer-Encoding; over HTTP/2 it
 * may come without either (RFC 9113, section 8.1).
 */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  const length = headers["content-length"];
  if (headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")) return true;
  const { stream } = request as { readonly stream?: { readonly endAfterHeaders?: boolean } };
  return stream?.endAfterHeaders === false;
}
