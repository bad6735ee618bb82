import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isAnsweredHost } from "../../view/answered-host.ts";
import { bearsToken } from "../../view/bearer.ts";
import { createBodyReader } from "../../view/otlp/receive-body.ts";
import { Refusal } from "../../view/otlp/refusal.ts";
import { type Notification, readNotification } from "./notification.ts";

/** Where alerts come in. */
export interface ListenerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** What every notification must bear. */
  readonly token: string | undefined;
  /** Takes a notification; resolves when it will not be lost. A Refusal is what is answered. */
  readonly hear: (notification: Notification) => Promise<void>;
}

/** A running listener. */
export interface AlertListener {
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 2_097_152;
const MAX_CONNECTIONS = 100;
const REQUEST_MS = 10_000;
const END_MS = 2_000;

/** Listens for Alertmanager's webhook at `POST /alerts`. Rejects when the port is taken. */
export async function listenForAlerts(options: ListenerOptions): Promise<AlertListener> {
  const { host, port } = options;
  const bodies = createBodyReader(MAX_BODY_BYTES);
  const server = createServer(
    { requestTimeout: REQUEST_MS, connectionsCheckingInterval: 1_000 },
    (req, res) => {
      answer(req, options, bodies).then(
        () => send(res, 200, "ok"),
        (error: unknown) => {
          req.resume();
          const status = error instanceof Refusal ? error.status : 500;
          if (status === 401) res.setHeader("www-authenticate", "Bearer");
          if (status === 405) res.setHeader("allow", "POST");
          if (status === 503) res.setHeader("retry-after", "60");
          send(res, status, error instanceof Refusal ? error.message : "cannot be kept now");
        },
      );
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        // Who sends half a request is waited for so long and no longer.
        const late = setTimeout(() => server.closeAllConnections(), END_MS);
        server.close(() => {
          clearTimeout(late);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function answer(
  req: IncomingMessage,
  { host, token, hear }: ListenerOptions,
  bodies: ReturnType<typeof createBodyReader>,
): Promise<void> {
  const path = URL.parse(req.url ?? "/", "http://localhost")?.pathname;
  // A kubelet asks by the pod's address, without a token.
  if (path === "/health/live" && (req.method === "GET" || req.method === "HEAD")) return;
  if (!isAnsweredHost(req.headers.host, host)) throw new Refusal(403, "Host is not this machine");
  if (token !== undefined && !bearsToken(req.headers.authorization, token))
    throw new Refusal(401, "a token is wanted");
  if (path !== "/alerts") throw new Refusal(404, "not found: alerts go to /alerts");
  if (req.method !== "POST") throw new Refusal(405, "use POST");
  // A page elsewhere cannot send this type without being asked first (Fetch, CORS preflight).
  if (!/^application\/json\s*(;|$)/i.test(req.headers["content-type"] ?? ""))
    throw new Refusal(415, "content-type is not application/json");
  await bodies.use(req, (body) => hear(readNotification(body.toString("utf8"))));
}

function send(res: ServerResponse, status: number, message: string): void {
  const text = JSON.stringify({ message });
  res.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  res.end(text);
}
