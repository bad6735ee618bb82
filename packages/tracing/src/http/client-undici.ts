import { aimOf } from "../running/aim.ts";
import { runningTracing } from "../running/running.ts";
import { endedBy, READ } from "./call-end.ts";
import type { Subscribers } from "./client-channels.ts";
import { type CallSocket, ClientCall, isOwnRequest } from "./client-span.ts";

/** What undici publishes of a request (`docs/api/DiagnosticsChannel.md` of undici 6 and 7). */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  /** The protocol to go on with: `websocket`. */
  readonly upgrade?: string | boolean | null;
  /** Names and values in turn; one text of lines in undici 5. */
  readonly headers: readonly (string | readonly string[])[] | string;
  addHeader(name: string, value: string): void;
}

const CALL = Symbol("whodunit.call");
type Tagged = { [CALL]?: ClientCall };

/** `fetch` and undici, by undici's channels. */
export const UNDICI_SUBSCRIBERS: Subscribers = {
  "undici:request:create": ({ request }: { request: UndiciRequest }) => {
    const tracing = runningTracing();
    if (tracing === undefined || isOwnRequest() || isTunnel(request)) return;
    const url = urlOf(request);
    const present = headerNames(request.headers);
    const { host, port, path } = aimOf(url);
    if (tracing.ignores?.(host, port, path) === true) return;
    const call = new ClientCall(tracing, {
      method: request.method,
      host,
      port,
      url: () => url.href,
      injectable: true,
      has: (name) => present.has(name),
      setHeader: (name, value) => {
        if (!present.has(name)) request.addHeader(name, value);
      },
    });
    (request as Tagged)[CALL] = call;
  },
  "undici:client:sendHeaders": ({ request, socket }: { request: UndiciRequest; socket: CallSocket }) => {
    const call = (request as Tagged)[CALL];
    call?.sent();
    call?.goesBy(socket);
  },
  "undici:request:headers": (message: { request: UndiciRequest; response: { statusCode: number } }) => {
    // An informational response goes before the answer.
    if (message.response.statusCode < 200) return;
    (message.request as Tagged)[CALL]?.answered(message.response.statusCode);
  },
  // When the whole body has come.
  "undici:request:trailers": ({ request }: { request: UndiciRequest }) => {
    (request as Tagged)[CALL]?.end(READ);
  },
  "undici:request:error": ({ request, error }: { request: UndiciRequest; error: unknown }) => {
    (request as Tagged)[CALL]?.end(endedBy(error));
  },
};

// Joined as texts: taken for a reference, a path of two slashes (`//orders.svc/`) would name another host than is asked.
function urlOf({ origin, path }: UndiciRequest): URL {
  // To a forward proxy the whole URL is the path.
  if (!path.startsWith("/")) return new URL(path, origin);
  const base = typeof origin === "string" ? origin : origin.origin;
  return new URL(base.endsWith("/") ? base.slice(0, -1) + path : base + path);
}

/** Whether it leads to another protocol: undici does not publish the answer to such a request. */
function isTunnel({ method, upgrade }: UndiciRequest): boolean {
  return method === "CONNECT" || Boolean(upgrade);
}

function headerNames(headers: UndiciRequest["headers"]): Set<string> {
  const names = new Set<string>();
  if (typeof headers === "string") {
    for (const line of headers.split("\r\n")) names.add(line.slice(0, line.indexOf(":")).toLowerCase());
  } else {
    for (let i = 0; i < headers.length; i += 2) names.add(String(headers[i]).toLowerCase());
  }
  return names;
}
