import type { ClientRequest, IncomingMessage } from "node:http";
import { runningTracing } from "../running/running.ts";
import type { Subscribers } from "./client-channels.ts";
import { ClientCall, isOwnRequest, type OutgoingRequest } from "./client-span.ts";

const CALL = Symbol("whodunit.call");
type Tagged = { [CALL]?: ClientCall };

/** `http` and `https`, by the channels Node publishes for each request. */
export const HTTP_SUBSCRIBERS: Subscribers = {
  "http.client.request.created": ({ request }: { request: ClientRequest }) => {
    const tracing = runningTracing();
    if (tracing === undefined || isOwnRequest()) return;
    const call = new ClientCall(tracing, {
      ...target(request),
      method: request.method,
      // Headers given as an array are written before the channel speaks.
      injectable: !request.headersSent,
      traced: request.hasHeader("traceparent"),
      setHeader: (name, value) => {
        if (!request.hasHeader(name)) request.setHeader(name, value);
      },
    });
    (request as Tagged)[CALL] = call;
    // Upgrades and requests destroyed before an answer pass the two channels below by.
    request.once("close", () => settle(request, responseOf(request)?.statusCode, new Error("closed")));
  },
  "http.client.response.finish": ({
    request,
    response,
  }: {
    request: ClientRequest;
    response: IncomingMessage;
  }) => {
    settle(request, response.statusCode, undefined);
  },
  "http.client.request.error": ({ request, error }: { request: ClientRequest; error: unknown }) => {
    settle(request, undefined, error);
  },
};

// ClientRequest keeps these since Node 0.x, without the types saying so.
type Internals = {
  readonly res?: IncomingMessage;
  readonly socketPath?: string;
  readonly agent?: { readonly defaultPort?: number };
};

const responseOf = (request: ClientRequest): IncomingMessage | undefined => (request as Internals).res;

function settle(request: ClientRequest, status: number | undefined, error: unknown): void {
  // Where no connection was made, Node tells in the error which one it tried.
  const port = request.socket?.remotePort ?? (error as { port?: number } | undefined)?.port;
  (request as Tagged)[CALL]?.settle(status, error, port);
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
