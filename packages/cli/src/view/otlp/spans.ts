import type { Span, SpanEvent, SpanKind } from "../span.ts";
import {
  each,
  type Fields,
  fields,
  inside,
  readAttributes,
  readId,
  readNanos,
  readText,
  toMs,
} from "./fields.ts";

/** What was in a request. */
export interface ReadSpans {
  readonly spans: readonly Span[];
  /** Spans without valid ids, which no store can hold. */
  readonly rejected: number;
}

/**
 * Reads a decoded ExportTraceServiceRequest, from JSON (hex ids, numbers as text) or from protobuf (ids as
 * bytes, numbers as `Long`).
 *
 * @throws TypeError that says where the request has another shape than OTLP's
 */
export function readSpans(request: unknown): ReadSpans {
  const spans: Span[] = [];
  let rejected = 0;
  each(fields(request, "request"), "resourceSpans", (resource) => {
    const name = inside(resource, "resource", readAttributes)?.["service.name"];
    const service = typeof name === "string" && name !== "" ? name : "unknown_service";
    each(resource, "scopeSpans", (scope) => {
      each(scope, "spans", (span) => {
        const read = readSpan(span, service);
        if (read === null) rejected += 1;
        else spans.push(read);
      });
    });
  });
  return { spans, rejected };
}

// Values of opentelemetry-proto's SpanKind; 0 is unspecified and means internal.
const KINDS: readonly SpanKind[] = ["internal", "internal", "server", "client", "producer", "consumer"];
const STATUS_ERROR = 2;

function readSpan(span: Fields, service: string): Span | null {
  const traceId = readId(span, "traceId", 32);
  const spanId = readId(span, "spanId", 16);
  if (traceId === null || spanId === null) return null;
  const start = readNanos(span, "startTimeUnixNano");
  const end = readNanos(span, "endTimeUnixNano");
  const status = inside(span, "status", readStatus);
  return {
    traceId,
    spanId,
    parentSpanId: readId(span, "parentSpanId", 16),
    service,
    name: readText(span, "name"),
    kind: KINDS[Number(span.kind ?? 0)] ?? "internal",
    startMs: toMs(start),
    durationMs: end > start ? Number(end - start) / 1e6 : 0,
    error: status?.error ?? false,
    message: status?.message ?? "",
    attributes: readAttributes(span),
    events: each(span, "events", readEvent),
  };
}

const readStatus = (status: Fields): Pick<Span, "error" | "message"> => ({
  error: status.code === STATUS_ERROR || status.code === "STATUS_CODE_ERROR",
  message: readText(status, "message"),
});

const readEvent = (event: Fields): SpanEvent => ({
  name: readText(event, "name"),
  timeMs: toMs(readNanos(event, "timeUnixNano")),
  attributes: readAttributes(event),
});
