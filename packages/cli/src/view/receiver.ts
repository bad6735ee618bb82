import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isLoopback } from "../sources/live/host.ts";
import { unfitToken } from "../sources/live/token.ts";
import { isAnsweredHost } from "./answered-host.ts";
import { bearsToken, CHALLENGE } from "./bearer.ts";
import type { Line } from "./line.ts";
import { followFile } from "./lines/follow-file.ts";
import { type BodyReader, createBodyReader } from "./otlp/receive-body.ts";
import { receive, signalAt } from "./otlp/route.ts";
import { findPageAsset, SAFE_HEADERS } from "./page/page-routes.ts";
import type { Span } from "./span.ts";
import { openStore, type Store } from "./store/store.ts";
import type { StoreCounts } from "./store/store-counts.ts";

/** Where the receiver listens and how much it keeps. */
export interface ReceiverOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** What every request must bear; wanted unless `host` is loopback. At least 16 characters. */
  readonly token?: string | undefined;
  /** 0 picks a free port. @default 4318, where OTLP/HTTP exporters send unless told otherwise */
  readonly port?: number;
  /** A folder that keeps what arrives. @default a temporary one that goes with the receiver */
  readonly data?: string | undefined;
  /** How many bytes its files may take. @default 1_073_741_824 (1 GiB) */
  readonly maxBytes?: number;
  /** How old anything may get, in milliseconds. @default 604_800_000 (7 days) */
  readonly maxAgeMs?: number;
  /** The largest request taken, before and after unpacking. @default 8_388_608 (8 MiB) */
  readonly maxBodyBytes?: number;
  /** Told in words what keeps the receiver from writing. @default nobody is told, `counts` says it too */
  readonly tell?: (text: string) => void;
}

/** A running OTLP/HTTP receiver. */
export interface Receiver {
  /** Such as `http://127.0.0.1:4318`: what OTEL_EXPORTER_OTLP_ENDPOINT wants. */
  readonly url: string;
  readonly port: number;
  /** What was taken and let go. */
  counts(): Promise<StoreCounts>;
  /** The spans of a trace by start; null when it is not here. */
  trace(traceId: string): Promise<Span[] | null>;
  /** Adds lines that came another way than by OTLP. */
  addLines(lines: readonly Line[]): Promise<void>;
  /** Reads a log, and what is written to it until the receiver is closed. Rejects when it cannot be read. */
  follow(path: string): Promise<void>;
  /** Stops listening, ends all connections and writes what is waiting. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const PORT = 4318;
const MAX_BYTES = 1_073_741_824;
const MAX_AGE_MS = 604_800_000;
const MAX_BODY_BYTES = 8_388_608;
const KEEP_ALIVE_MS = 120_000;

/**
 * Listens for spans, log records and metrics (`POST /v1/traces`, `/v1/logs`, `/v1/metrics`, JSON and protobuf, gzip), keeps them in files,
 * answers questions about them (`GET /api/...`) and shows them as a page (`GET /`).
 *
 * @throws TypeError when an option is wrong, or `host` is not loopback and no token is given; rejects when the port is
 * taken, or the folder cannot be used
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  checkOptions(options);
  const { host = HOST, port = PORT, data, maxBytes = MAX_BYTES, maxAgeMs = MAX_AGE_MS } = options;
  const store = await openStore({ data, maxBytes, maxAgeMs, tell: options.tell ?? (() => {}) });
  const house: House = {
    host,
    token: options.token,
    bodies: createBodyReader(options.maxBodyBytes ?? MAX_BODY_BYTES),
    store,
  };
  const server = createServer((req, res) => {
    route(req, res, house).catch((error: unknown) => {
      res.destroy(error instanceof Error ? error : undefined);
    });
  });
  // Longer than exporters wait from one batch to the next: a connection that ends just then loses them a batch.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    await store.close();
    throw error;
  }
  const end = new AbortController();
  const following = new Set<Promise<void>>();
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    counts: async () => JSON.parse((await store.ask("/api/counts")).json) as StoreCounts,
    async trace(traceId) {
      const { status, json } = await store.ask(`/api/traces/${encodeURIComponent(traceId)}`);
      return status === 200 ? (JSON.parse(json) as { spans: Span[] }).spans : null;
    },
    addLines: (lines) => store.addLines(lines),
    follow(path) {
      const reading = followFile(path, store.addLines, end.signal);
      following.add(reading);
      return reading;
    },
    async close() {
      end.abort();
      await Promise.allSettled(following);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await store.close();
    },
  };
}

interface House {
  readonly host: string;
  readonly token: string | undefined;
  readonly bodies: BodyReader;
  readonly store: Store;
}

async function route(req: IncomingMessage, res: ServerResponse, house: House): Promise<void> {
  if (!isAnsweredHost(req.headers.host, house.host)) return refuse(req, res, 403, "Host is not this machine");
  if (house.token !== undefined && !bearsToken(req.headers.authorization, house.token)) {
    res.setHeader("www-authenticate", CHALLENGE);
    return refuse(req, res, 401, "a token is wanted");
  }
  const url = URL.parse(req.url ?? "/", "http://localhost");
  if (url === null) return refuse(req, res, 400, "not a path");
  const signal = signalAt(url.pathname);
  if (signal !== null) {
    if (req.method === "POST") return receive(req, res, signal, house.bodies, house.store.take);
    res.setHeader("allow", "POST");
    return refuse(req, res, 405, "use POST");
  }
  if (req.method !== "GET" && req.method !== "HEAD") {
    res.setHeader("allow", "GET, HEAD");
    return refuse(req, res, 405, "use GET");
  }
  if (url.pathname.startsWith("/api/")) {
    const { status, json } = await house.store.ask(url.pathname + url.search);
    return send(res, status, "application/json", json);
  }
  const asset = await findPageAsset(url.pathname);
  if (asset === null) return refuse(req, res, 404, "not found");
  send(res, 200, asset.type, asset.body);
}

function refuse(req: IncomingMessage, res: ServerResponse, status: number, message: string): void {
  req.resume();
  send(res, status, "application/json", JSON.stringify({ message }));
}

function send(res: ServerResponse, status: number, type: string, text: string): void {
  const headers = { ...SAFE_HEADERS, "content-type": type, "content-length": Buffer.byteLength(text) };
  res.writeHead(status, headers);
  res.end(text);
}

const MIN_TOKEN_LENGTH = 16;

const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  port: [0, 65_535],
  maxBytes: [8_388_608, 1_099_511_627_776],
  maxAgeMs: [60_000, 31_536_000_000],
  maxBodyBytes: [1_024, 1_073_741_824],
};
const TEXTS: Readonly<Record<string, string>> = {
  host: "a host name or address",
  data: "a folder",
  token: `at least ${MIN_TOKEN_LENGTH} visible characters of ASCII, for it is sent in a header`,
};
const NAMES = [...Object.keys(TEXTS), ...Object.keys(RANGES), "tell"];

const isToken = (text: string): boolean => text.length >= MIN_TOKEN_LENGTH && unfitToken(text) === undefined;

function checkOptions(options: ReceiverOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!NAMES.includes(name))
      throw new TypeError(`startReceiver: option "${name}" is unknown, want one of ${NAMES.join(", ")}`);
    if (value === undefined) continue;
    const [min, max] = RANGES[name] ?? [1, 0];
    const isRight =
      name === "tell"
        ? typeof value === "function"
        : TEXTS[name] !== undefined
          ? typeof value === "string" && (name === "token" ? isToken(value) : value !== "")
          : Number.isInteger(value) && value >= min && value <= max;
    if (isRight) continue;
    const wanted = name === "tell" ? "a function" : (TEXTS[name] ?? `a whole number from ${min} to ${max}`);
    // A secret is not shown, however short.
    const shown = name === "token" ? '"(withheld)"' : JSON.stringify(value);
    throw new TypeError(`startReceiver: option "${name}" is ${shown}, want ${wanted}`);
  }
  const { host = HOST, token } = options;
  if (!isLoopback(host) && token === undefined)
    throw new TypeError(
      `startReceiver: option "host" is ${JSON.stringify(host)}, and beyond loopback "token" is wanted`,
    );
}
