import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isAnsweredHost } from "./answered-host.ts";
import { createMapAnswer } from "./map/answer.ts";
import { createMapTraffic } from "./map/traffic.ts";
import { type BodyReader, createBodyReader } from "./otlp/receive-body.ts";
import { receiveTraces } from "./otlp/route.ts";
import type { MapAnswer } from "./page/browser/answers.ts";
import { findPageAsset, SAFE_HEADERS } from "./page/page-routes.ts";
import { answerTraces, type JsonAnswer, wrong } from "./trace-routes.ts";
import type { TraceStore } from "./trace-store.ts";
import { createTraceStore } from "./trace-store.ts";

/** Where the receiver listens and how much it keeps. */
export interface ReceiverOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** 0 picks a free port. @default 4318, where OTLP/HTTP exporters send unless told otherwise */
  readonly port?: number;
  /** How many bytes of spans are kept. @default 67_108_864 (64 MiB) */
  readonly maxBytes?: number;
  /** The largest request taken, before and after unpacking. @default 8_388_608 (8 MiB) */
  readonly maxBodyBytes?: number;
}

/** A running OTLP/HTTP receiver. */
export interface Receiver {
  /** Such as `http://127.0.0.1:4318`: what OTEL_EXPORTER_OTLP_ENDPOINT wants. */
  readonly url: string;
  readonly port: number;
  readonly store: TraceStore;
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const PORT = 4318;
const MAX_BYTES = 67_108_864;
const MAX_BODY_BYTES = 8_388_608;

/**
 * Listens for spans (`POST /v1/traces`, JSON and protobuf, gzip), answers questions about them
 * (`GET /api/traces`, `GET /api/traces/:id`, `GET /api/map`, `GET /api/counts`) and shows them as a page (`GET /`).
 *
 * @throws TypeError when an option is wrong; rejects when the port is taken
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = HOST, port = PORT, maxBytes = MAX_BYTES, maxBodyBytes = MAX_BODY_BYTES } = options;
  checkOptions(options);
  const traffic = createMapTraffic();
  const store = createTraceStore(maxBytes, traffic.observe);
  const bodies = createBodyReader(maxBodyBytes);
  const house: House = { host, bodies, store, map: createMapAnswer(traffic, store) };
  const server = createServer((req, res) => {
    route(req, res, house).catch((error: unknown) => {
      res.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    store,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

interface House {
  readonly host: string;
  readonly bodies: BodyReader;
  readonly store: TraceStore;
  readonly map: (windowS: 60 | 600) => Promise<MapAnswer>;
}

async function route(req: IncomingMessage, res: ServerResponse, house: House): Promise<void> {
  if (!isAnsweredHost(req.headers.host, house.host)) return refuse(req, res, 403, "Host is not this machine");
  const url = URL.parse(req.url ?? "/", "http://localhost");
  if (url === null) return refuse(req, res, 400, "not a path");
  if (url.pathname === "/v1/traces") {
    if (req.method === "POST") return receiveTraces(req, res, house.store, house.bodies);
    res.setHeader("allow", "POST");
    return refuse(req, res, 405, "use POST");
  }
  if (req.method !== "GET" && req.method !== "HEAD") {
    res.setHeader("allow", "GET, HEAD");
    return refuse(req, res, 405, "use GET");
  }
  const answer = url.pathname === "/api/map" ? await answerMap(url, house) : answerTraces(url, house.store);
  if (answer !== null) return sendJson(res, answer.status, answer.body);
  const asset = await findPageAsset(url.pathname);
  if (asset === null) return refuse(req, res, 404, "not found");
  send(res, 200, asset.type, asset.body);
}

async function answerMap(url: URL, { map }: House): Promise<JsonAnswer> {
  const window = url.searchParams.get("windowS") ?? "60";
  if (window !== "60" && window !== "600") return wrong(400, "windowS is not 60 or 600");
  return { status: 200, body: await map(window === "60" ? 60 : 600) };
}

function refuse(req: IncomingMessage, res: ServerResponse, status: number, message: string): void {
  req.resume();
  sendJson(res, status, { message });
}

function sendJson(res: ServerResponse, status: number, body: unknown): void {
  send(res, status, "application/json", JSON.stringify(body));
}

function send(res: ServerResponse, status: number, type: string, text: string): void {
  const headers = { ...SAFE_HEADERS, "content-type": type, "content-length": Buffer.byteLength(text) };
  res.writeHead(status, headers);
  res.end(text);
}

const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  port: [0, 65_535],
  maxBytes: [1_048_576, 17_179_869_184],
  maxBodyBytes: [1_024, 1_073_741_824],
};

function checkOptions(options: ReceiverOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (name === "host" && typeof value === "string" && value !== "")) continue;
    const range = RANGES[name];
    if (range === undefined && name !== "host") {
      throw new TypeError(
        `startReceiver: option "${name}" is unknown, want host, port, maxBytes or maxBodyBytes`,
      );
    }
    const [min, max] = range ?? [1, 0];
    if (Number.isInteger(value) && value >= min && value <= max) continue;
    const wanted = range === undefined ? "a host name or address" : `a whole number from ${min} to ${max}`;
    throw new TypeError(`startReceiver: option "${name}" is ${JSON.stringify(value)}, want ${wanted}`);
  }
}
