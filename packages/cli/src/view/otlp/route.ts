import type { IncomingMessage, ServerResponse } from "node:http";
import type { Encoded } from "./decode.ts";
import { encodeResponse, encodeStatus, type Signal } from "./proto.ts";
import type { BodyReader } from "./receive-body.ts";
import { Refusal } from "./refusal.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
// Of real spans a message, such as an attribute or its value, takes about twice as much and more.
const MIN_MESSAGE_BYTES = 8;

/** What became of a request: how many of its items were refused, and why. */
export interface Taken {
  readonly rejected: number;
  readonly reason: string;
}

/** What each signal's answer calls the number of items that were refused. */
const REJECTED: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};

/** The signal that is posted to a path; null when none is. */
export function signalAt(path: string): Signal | null {
  const signal = path.startsWith("/v1/") ? path.slice(4) : "";
  return Object.hasOwn(REJECTED, signal) ? (signal as Signal) : null;
}

/**
 * Answers `POST /v1/traces`, `/v1/logs` and `/v1/metrics` (OTLP/HTTP 1.9): a request is taken whole, or refused with a
 * status that says why.
 */
export async function receive(
  req: IncomingMessage,
  res: ServerResponse,
  signal: Signal,
  bodies: BodyReader,
  take: (request: Encoded) => Promise<Taken>,
): Promise<void> {
  const type = (req.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  const isJson = type === JSON_TYPE;
  try {
    if (!isJson && type !== PROTOBUF_TYPE)
      throw new Refusal(415, `content-type is not ${JSON_TYPE} or ${PROTOBUF_TYPE}`);
    const { rejected, reason } = await bodies.use(req, (body) =>
      take({
        signal,
        format: isJson ? "json" : "protobuf",
        body,
        maxMessages: Math.floor(bodies.maxBytes / MIN_MESSAGE_BYTES),
      }),
    );
    const partial = { [REJECTED[signal]]: rejected, errorMessage: reason };
    const body = isJson
      ? JSON.stringify(rejected === 0 ? {} : { partialSuccess: partial })
      : encodeResponse(rejected, reason);
    send(res, 200, type, body);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // What is left of the body is read and thrown away, or the sender would see a reset and not the answer.
    req.resume();
    if (error.status === 503) res.setHeader("retry-after", "1");
    if (error.status === 413 || error.status === 503) res.setHeader("connection", "close");
    if (type === PROTOBUF_TYPE) send(res, error.status, PROTOBUF_TYPE, encodeStatus(error.message));
    else send(res, error.status, JSON_TYPE, JSON.stringify({ message: error.message }));
  }
}

function send(res: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  res.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  res.end(body);
}
