import type { ClientRequest, IncomingMessage } from "node:http";
import type { HeaderCarrier } from "../propagation/carriers.ts";
import { watchAgent } from "../resources/waits.ts";
import { aimOf } from "../running/aim.ts";
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
    // A tunnel through a proxy is no call of a service; what goes through it is told.
    if (tracing === undefined || isOwnRequest() || request.method === "CONNECT") return;
    watchAgent((request as Internals).agent);
    const aim = target(request);
    if (tracing.ignores?.(aim.host, aim.port, aim.path) === true) return;
    const call = new ClientCall(tracing, {
      ...aim,
      method: request.method,
      // Headers given as an array are written before the channel speaks.
      injectable: !request.headersSent,
      has: (name) => request.hasHeader(name),
      setHeader: (name, value) => {
        if (!request.hasHeader(name)) request.setHeader(name, value);
      },
      rewrite: (change) => rewrite(request, change),
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

function rewrite(request: ClientRequest, change: (headers: HeaderCarrier) => void): void {
  const before = Object.entries(request.getHeaders()).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const headers = Object.fromEntries(before);
  change(headers);
  for (const [name, value] of before) {
    const after = headers[name];
    if (after === undefined) request.removeHeader(name);
    else if (after !== value) request.setHeader(name, after);
    delete headers[name];
  }
  for (const name in headers) request.setHeader(name, headers[name]!);
}

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
  /** The head of the request, once it is written. */
  readonly _header?: string | null;
};

const responseOf = (request: ClientRequest): IncomingMessage | undefined =>
  (request as Internals).res ?? undefined;

function end(request: ClientRequest, how: CallEnd, error: unknown): void {
  // Where no connection was made, Node tells in the error which one it tried.
  const port = request.socket?.remotePort ?? (error as { port?: number } | undefined)?.port;
  (request as Tagged)[CALL]?.end(how, port);
}

type Target = Pick<OutgoingRequest, "host" | "port" | "url"> & { readonly path: string };

function target(request: ClientRequest): Target {
  const { socketPath, agent } = request as Internals;
  const { host, protocol, path } = request;
  // A proxy that forwards is asked by the whole address: the service called is that one.
  const forwarded = path.startsWith("/") ? null : URL.parse(path);
  if (forwarded !== null && forwarded.host !== "") return { ...aimOf(forwarded), url: () => forwarded.href };
  if (socketPath !== undefined && socketPath !== null) {
    return { host: "localhost", port: undefined, path, url: () => `http://localhost${path}` };
  }
  const shown = host.includes(":") ? `[${host}]` : host;
  // Headers given as an array are no headers of the request's any more.
  const given = String(request.getHeader("host") ?? hostInHead(request));
  // The Host header tells the port, unless the service set it to another host.
  const told = given === shown ? agent?.defaultPort : undefined;
  const port = given.startsWith(`${shown}:`) ? Number(given.slice(shown.length + 1)) : told;
  const defaultPort = protocol === "https:" ? 443 : 80;
  const suffix = (at = defaultPort): string => (at === defaultPort ? "" : `:${at}`);
  return { host, port, path, url: (at) => `${protocol}//${shown}${suffix(at)}${path}` };
}

const hostInHead = (request: ClientRequest): string =>
  /\r\nhost:[ \t]*([^\r]*)/i.exec((request as Internals)._header ?? "")?.[1] ?? "";
