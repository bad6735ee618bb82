import type { Line } from "../line.ts";
import type { Span } from "../span.ts";
import { countDataPoints } from "./data-points.ts";
import { readLogRecords } from "./log-records.ts";
import { decodeRequest, type Signal, TooManyMessages } from "./proto.ts";
import { Refusal } from "./refusal.ts";
import { readSpans } from "./spans.ts";

/** A request's body, as it came. */
export interface Encoded {
  readonly signal: Signal;
  readonly format: "json" | "protobuf";
  readonly body: Uint8Array;
  /** How many messages it may hold. */
  readonly maxMessages: number;
}

/** What was in it. */
export interface Decoded {
  readonly spans: readonly Span[];
  readonly lines: readonly Line[];
  /** Items that no store can hold, and why. */
  readonly rejected: number;
  readonly reason: string;
}

const NOTHING: Decoded = { spans: [], lines: [], rejected: 0, reason: "" };

/** Reads a request, whole or not at all.
 *
 * @throws Refusal 400 or 413 that says why */
export function decode({ signal, format, body, maxMessages }: Encoded, nowMs: number): Decoded {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  try {
    const request =
      format === "json" ? parseJson(bytes, maxMessages) : decodeRequest(signal, bytes, maxMessages);
    if (signal === "logs") return { ...NOTHING, lines: readLogRecords(request, nowMs) };
    if (signal === "metrics") {
      const rejected = countDataPoints(request);
      return { ...NOTHING, rejected, reason: rejected === 0 ? "" : "metrics are not kept" };
    }
    const { spans, rejected } = readSpans(request);
    return {
      ...NOTHING,
      spans,
      rejected,
      reason: rejected === 0 ? "" : "spans without a valid traceId and spanId",
    };
  } catch (error) {
    if (error instanceof TooManyMessages)
      throw new Refusal(413, `body holds more than ${maxMessages} messages`);
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(400, `body is no OTLP ${NAMES[signal]} request: ${why.slice(0, 200)}`);
  }
}

const NAMES: Readonly<Record<Signal, string>> = { traces: "trace", logs: "logs", metrics: "metrics" };

// Those in texts are counted too: there is room for them, and it is known before an object is made.
function parseJson(body: Buffer, maxMessages: number): unknown {
  let messages = 0;
  for (let at = body.indexOf("{"); at !== -1; at = body.indexOf("{", at + 1)) {
    messages += 1;
    if (messages > maxMessages) throw new TooManyMessages();
  }
  return JSON.parse(body.toString("utf8"));
}
