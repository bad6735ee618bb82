import type { IncomingMessage, ServerResponse } from "node:http";
import type { TraceStore } from "../trace-store.ts";
import { decodeRequest, encodeResponse, encodeStatus, TooManyMessages } from "./proto.ts";
import { type BodyReader, Refusal } from "./receive-body.ts";
import type { ReadSpans } from "./spans.ts";
import { readSpans } from "./spans.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
// Of real spans a message, such as an attribute or its value, takes about twice as much and more.
const MIN_MESSAGE_BYTES = 8;

/** Answers `POST /v1/traces` (OTLP/HTTP 1.9): a request is taken whole, or refused with a 4xx that says why. */
export async function receiveTraces(
  req: IncomingMessage,
  res: ServerResponse,
  store: TraceStore,
  bodies: BodyReader,
): Promise<void> {
  const type = (req.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  try {
    if (type !== JSON_TYPE && type !== PROTOBUF_TYPE) {
      throw new Refusal(415, `content-type is not ${JSON_TYPE} or ${PROTOBUF_TYPE}`);
    }
    const maxMessages = Math.floor(bodies.maxBytes / MIN_MESSAGE_BYTES);
    const read = decode(await bodies.read(req), type, maxMessages);
    store.add(read.spans);
    const message = read.rejected === 0 ? "" : "spans without a valid traceId and spanId";
    send(
      res,
      200,
      type,
      type === JSON_TYPE ? partial(read.rejected, message) : encodeResponse(read.rejected, message),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // What is left of the body is read and thrown away, or the sender would see a reset and not the answer.
    req.resume();
    if (error.status === 503) res.setHeader("retry-after", "1");
    if (error.status === 413 || error.status === 503) res.setHeader("connection", "close");
    const body =
      type === PROTOBUF_TYPE ? encodeStatus(error.message) : JSON.stringify({ message: error.message });
    send(res, error.status, type === PROTOBUF_TYPE ? PROTOBUF_TYPE : JSON_TYPE, body);
  }
}

function decode(body: Buffer, type: string, maxMessages: number): ReadSpans {
  try {
    return readSpans(type === JSON_TYPE ? parseRequest(body, maxMessages) : decodeRequest(body, maxMessages));
  } catch (error) {
    if (error instanceof TooManyMessages)
      throw new Refusal(413, `body holds more than ${maxMessages} messages`);
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(400, `body is no OTLP trace request: ${why.slice(0, 200)}`);
  }
}

// Those in texts are counted too: there is room for them, and it is known before an object is made.
function parseRequest(body: Buffer, maxMessages: number): unknown {
  let messages = 0;
  for (let at = body.indexOf("{"); at !== -1; at = body.indexOf("{", at + 1)) {
    messages += 1;
    if (messages > maxMessages) throw new TooManyMessages();
  }
  return JSON.parse(body.toString("utf8"));
}

function partial(rejectedSpans: number, errorMessage: string): string {
  return JSON.stringify(rejectedSpans === 0 ? {} : { partialSuccess: { rejectedSpans, errorMessage } });
}

function send(res: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  res.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  res.end(body);
}
