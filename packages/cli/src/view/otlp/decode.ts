import { isRecord } from "../../is-record.ts";
import type { Line } from "../line.ts";
import type { Span } from "../span.ts";
import { readLogRecords } from "./log-records.ts";
import { type MetricPoint, readMetrics } from "./metrics.ts";
import type { ProcessSeen } from "./process.ts";
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
  readonly points: readonly MetricPoint[];
  readonly processes: readonly ProcessSeen[];
  /** Items that no store can hold, and why. */
  readonly rejected: number;
  readonly reason: string;
}

const NOTHING: Decoded = { spans: [], lines: [], points: [], processes: [], rejected: 0, reason: "" };

/** Reads a request, whole or not at all.
 *
 * @throws Refusal 400 or 413 that says why */
export function decode({ signal, format, body, maxMessages }: Encoded, nowMs: number): Decoded {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  try {
    const request =
      format === "json" ? parseJson(bytes, maxMessages) : decodeRequest(signal, bytes, maxMessages);
    if (signal === "logs") return { ...NOTHING, ...readLogRecords(request, nowMs) };
    if (signal === "metrics") return { ...NOTHING, ...readMetrics(request, nowMs) };
    const { spans, processes, rejected } = readSpans(request);
    return {
      ...NOTHING,
      spans,
      processes,
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
  const request: unknown = JSON.parse(body.toString("utf8"));
  return isRecord(request) && SNAKE_CASED.some((name) => Object.hasOwn(request, name))
    ? camelCased(request)
    : request;
}

// OpenTelemetry C++ sends fields by their names in the .proto files unless told otherwise (`use_json_name`), and the Collector
// takes both. Every key in OTLP/JSON is a field's name: those of attributes are values.
const SNAKE_CASED = ["resource_spans", "resource_logs", "resource_metrics"];

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      camelCased(inner),
    ]),
  );
}
