import type { ClientRequest, IncomingMessage } from "node:http";
import { runningTracing } from "../running/running.ts";
import { CANCELLED, type CallEnd, endedByCaller, failedBy, READ, TIMED_OUT, TORN } from "./call-end.ts";
import type { Subscribers } from "./client-channels.ts";
import { ClientCall, isOwnRequest, type OutgoingRequest } from "./client-span.ts";

const CALL = Symbol("whodunit.call");
const TIMED = Symbol("whodunit.timed-out");
type Tagged = { [CALL]?: ClientCall; [TIMED]?: boolean };

/** `http` and `https`, by the channels Node publishes for each request. */
export const HTTP_SUBSCRIBERS: Subscribers = {
  "http.client.request.created": ({ request }: { request: ClientRequest }) => {
    const tracing = runningTracing();
    if (tracing === undefined || isOwnRequest()) return;
    const aim = target(request);
    if (tracing.ignores?.(aim.host, aim.port, request.path) === true) return;
    const call = new ClientCall(tracing, {
      ...aim,
      method: request.method,
      // Headers given as an array are written before the channel speaks.
      injectable: !request.headersSent,
      traced: request.hasHeader("traceparent"),
      setHeader: (name, value) => {
        if (!request.hasHeader(name)) request.setHeader(name, value);
      },
    });
    (request as Tagged)[CALL] = call;
    request.on("timeout", onTimeout);
    request.on("close", onClose);
  },
  // By its name the end, but Node publishes it when the headers are there.
  "http.client.response.finish": ({
    request,
    response,
  }: {
    request: ClientRequest;
    response: IncomingMessage;
  }) => {
    const call = (request as Tagged)[CALL];
    if (call === undefined) return;
    call.goesBy(request.socket);
    call.answered(response.statusCode ?? 0, request.socket?.remotePort);
    (response as Tagged)[CALL] = call;
    response.on("end", onBodyEnd);
  },
  "http.client.request.error": ({ request, error }: { request: ClientRequest; error: unknown }) => {
    // Node destroys a request only after it has told of an error that came from the connection.
    const isOwn = request.destroyed || responseOf(request)?.destroyed === true;
    end(request, isOwn ? endOf(request, endedByCaller(error)) : failedBy(error), error);
  },
};

// Shared functions in place of closures: they are attached to every request.
function onTimeout(this: ClientRequest & Tagged): void {
  this[TIMED] = true;
}

function onBodyEnd(this: IncomingMessage & Tagged): void {
  this[CALL]?.end(READ);
}

/** Upgrades, and what was destroyed without an error, come by none of the channels. */
function onClose(this: ClientRequest & Tagged): void {
  const response = responseOf(this);
  if (response === undefined) {
    end(this, endOf(this, CANCELLED), undefined);
  } else if ((response as { upgrade?: boolean }).upgrade === true) {
    this[CALL]?.answered(response.statusCode ?? 0);
    end(this, READ, undefined);
  } else if (!response.complete) {
    // The other side ends the connection; where it has not, this side has closed it.
    end(this, this.socket?.readableEnded === false ? endOf(this, CANCELLED) : TORN, undefined);
  } else if (response.destroyed) {
    end(this, READ, undefined);
  }
  // What is there and unread has its end before it.
}

/** What the caller did, unless it did so because its time was over. */
const endOf = (request: ClientRequest & Tagged, otherwise: CallEnd): CallEnd =>
  request[TIMED] === true ? TIMED_OUT : otherwise;

// ClientRequest keeps these since Node 0.x, without the types saying so.
type Internals = {
  readonly res?: IncomingMessage;
  readonly socketPath?: string;
  readonly agent?: { readonly defaultPort?: number };
};

const responseOf = (request: ClientRequest): IncomingMessage | undefined =>
  (request as Internals).res ?? undefined;

function end(request: ClientRequest, how: CallEnd, error: unknown): void {
  // Where no connection was made, Node tells in the error which one it tried.
  const port = request.socket?.remotePort ?? (error as { port?: number } | undefined)?.port;
  (request as Tagged)[CALL]?.end(how, port);
}

function target(request: ClientRequest): Pick<OutgoingRequest, "host" | "port" | "url"> {
  const { socketPath, agent } = request as Internals;
  if (socketPath !== undefined && socketPath !== null) {
    return { host: "localhost", port: undefined, url: () => `http://localhost${request.path}` };
  }
  const { host, protocol, path } = request;
  const shown = host.includes(":") ? `[${host}]` : host;
  const given = String(request.getHeader("host") ?? "");
  // The Host header tells the port, unless the service set it to another host.
  const told = given === shown ? agent?.defaultPort : undefined;
  const port = given.startsWith(`${shown}:`) ? Number(given.slice(shown.length + 1)) : told;
  const defaultPort = protocol === "https:" ? 443 : 80;
  const suffix = (at = defaultPort): string => (at === defaultPort ? "" : `:${at}`);
  return { host, port, url: (at) => `${protocol}//${shown}${suffix(at)}${path}` };
}
