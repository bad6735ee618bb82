import type { Attributes, AttributeValue, Span, SpanEvent, SpanKind } from "./span.ts";

/** What was in a request. */
export interface ReadSpans {
  readonly spans: readonly Span[];
  /** Spans without valid ids, which no store can hold. */
  readonly rejected: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a decoded ExportTraceServiceRequest, from JSON (hex ids, numbers as text) or from protobuf (ids as
 * bytes, numbers as `Long`).
 *
 * @throws TypeError that says where the request has another shape than OTLP's
 */
export function readSpans(request: unknown): ReadSpans {
  const spans: Span[] = [];
  let rejected = 0;
  for (const [resource, at] of list(fields(request, "request"), "resourceSpans", "")) {
    const attributes = readAttributes(optional(resource, "resource", at), `${at}.resource`);
    const name = attributes["service.name"];
    const service = typeof name === "string" && name !== "" ? name : "unknown_service";
    for (const [scope, scopeAt] of list(resource, "scopeSpans", `${at}.`)) {
      for (const [span, spanAt] of list(scope, "spans", `${scopeAt}.`)) {
        const read = readSpan(span, service, spanAt);
        if (read === null) rejected += 1;
        else spans.push(read);
      }
    }
  }
  return { spans, rejected };
}

// Values of opentelemetry-proto's SpanKind; 0 is unspecified and means internal.
const KINDS: readonly SpanKind[] = ["internal", "internal", "server", "client", "producer", "consumer"];
const STATUS_ERROR = 2;
const ZERO_ID = /^0*$/;

function readSpan(span: Fields, service: string, at: string): Span | null {
  const traceId = readId(span.traceId, 32, `${at}.traceId`);
  const spanId = readId(span.spanId, 16, `${at}.spanId`);
  if (traceId === null || spanId === null) return null;
  const start = readNanos(span.startTimeUnixNano, `${at}.startTimeUnixNano`);
  const end = readNanos(span.endTimeUnixNano, `${at}.endTimeUnixNano`);
  const status = optional(span, "status", at);
  return {
    traceId,
    spanId,
    parentSpanId: readId(span.parentSpanId, 16, `${at}.parentSpanId`),
    service,
    name: readText(span.name, `${at}.name`),
    kind: KINDS[Number(span.kind ?? 0)] ?? "internal",
    startMs: toMs(start),
    durationMs: end > start ? Number(end - start) / 1e6 : 0,
    error: status !== null && (status.code === STATUS_ERROR || status.code === "STATUS_CODE_ERROR"),
    message: status === null ? "" : readText(status.message, `${at}.status.message`),
    attributes: readAttributes(span, at),
    events: list(span, "events", `${at}.`).map(([event, eventAt]) => readEvent(event, eventAt)),
  };
}

function readEvent(event: Fields, at: string): SpanEvent {
  return {
    name: readText(event.name, `${at}.name`),
    timeMs: toMs(readNanos(event.timeUnixNano, `${at}.timeUnixNano`)),
    attributes: readAttributes(event, at),
  };
}

function readAttributes(owner: Fields | null, at: string): Attributes {
  if (owner === null) return {};
  return fromPairs(list(owner, "attributes", `${at}.`), at, 0);
}

function fromPairs(pairs: readonly (readonly [Fields, string])[], at: string, depth: number): Attributes {
  // Without a prototype: an attribute called __proto__ is an attribute.
  const result: Record<string, AttributeValue> = Object.create(null);
  for (const [pair, pairAt] of pairs) {
    result[readText(pair.key, `${pairAt}.key`)] = readValue(optional(pair, "value", at), pairAt, depth);
  }
  return result;
}

const MAX_DEPTH = 16;

function readValue(value: Fields | null, at: string, depth: number): AttributeValue {
  if (value === null) return null;
  if (depth > MAX_DEPTH) throw wrong(at, "is nested too deep");
  // Own properties only: a protobuf message has the defaults of all its fields on its prototype.
  if (Object.hasOwn(value, "stringValue")) return readText(value.stringValue, `${at}.stringValue`);
  if (Object.hasOwn(value, "boolValue")) return value.boolValue === true;
  if (Object.hasOwn(value, "intValue")) return readInteger(value.intValue);
  if (Object.hasOwn(value, "doubleValue")) return readDouble(value.doubleValue);
  if (Object.hasOwn(value, "bytesValue")) return readBytes(value.bytesValue);
  const array = optional(value, "arrayValue", at);
  if (array !== null)
    return list(array, "values", `${at}.`).map(([item, itemAt]) => readValue(item, itemAt, depth + 1));
  const pairs = optional(value, "kvlistValue", at);
  return pairs === null ? null : fromPairs(list(pairs, "values", `${at}.`), at, depth + 1);
}

function readInteger(value: unknown): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

// JSON has no NaN and no infinity: proto3's JSON form, and ours, is text.
const readDouble = (value: unknown): number | string =>
  typeof value === "number" && Number.isFinite(value) ? value : String(value);

const readBytes = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);

function readId(value: unknown, digits: number, at: string): string | null {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array || Array.isArray(value)) {
    const hex = Buffer.from(value as Uint8Array).toString("hex");
    return hex.length === digits && !ZERO_ID.test(hex) ? hex : null;
  }
  if (typeof value !== "string") throw wrong(at, "is not text");
  const id = value.toLowerCase();
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !ZERO_ID.test(id) ? id : null;
}

function readNanos(value: unknown, at: string): bigint {
  if (value === undefined || value === null) return 0n;
  const text =
    typeof value === "number" && Number.isInteger(value) ? BigInt(value).toString() : String(value);
  if (!/^\d{1,20}$/.test(text)) throw wrong(at, "is not a number of nanoseconds");
  return BigInt(text);
}

// To the microsecond: nanoseconds since 1970 do not fit a double.
const toMs = (nanos: bigint): number => Number(nanos / 1_000n) / 1_000;

function readText(value: unknown, at: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw wrong(at, "is not text");
  return value;
}

function list(owner: Fields, name: string, at: string): (readonly [Fields, string])[] {
  const value = owner[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(at + name, "is not a list");
  return value.map((item, i) => [fields(item, `${at}${name}[${i}]`), `${at}${name}[${i}]`] as const);
}

function optional(owner: Fields, name: string, at: string): Fields | null {
  const value = owner[name];
  return value === undefined || value === null ? null : fields(value, `${at}.${name}`);
}

function fields(value: unknown, at: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(at, "is not an object");
  return value as Fields;
}

const wrong = (at: string, what: string): TypeError => new TypeError(`${at} ${what}`);
