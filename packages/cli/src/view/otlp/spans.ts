import type { Span, SpanEvent, SpanKind } from "../span.ts";
import {
  each,
  type Fields,
  fields,
  inside,
  readAttributes,
  readEnum,
  readId,
  readNanos,
  readText,
  toMs,
} from "./fields.ts";
import { type ProcessSeen, readProcess } from "./process.ts";

/** What was in a request. */
export interface ReadSpans {
  readonly spans: readonly Span[];
  readonly processes: readonly ProcessSeen[];
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
  const processes: ProcessSeen[] = [];
  let rejected = 0;
  each(fields(request, "request"), "resourceSpans", (resource) => {
    const process = readProcess(resource);
    processes.push(process);
    each(resource, "scopeSpans", (scope) => {
      each(scope, "spans", (span) => {
        const read = readSpan(span, process.service);
        if (read === null) rejected += 1;
        else spans.push(read);
      });
    });
  });
  return { spans, processes, rejected };
}

// Values of opentelemetry-proto's SpanKind and StatusCode, by their numbers; an unspecified kind means internal.
const KINDS: readonly SpanKind[] = ["internal", "internal", "server", "client", "producer", "consumer"];
const KIND_NAMES = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUS_NAMES = ["UNSET", "OK", "ERROR"];
const STATUS_ERROR = STATUS_NAMES.indexOf("ERROR");

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
    kind: KINDS[readEnum(span, "kind", "SPAN_KIND_", KIND_NAMES)] ?? "internal",
    startMs: toMs(start),
    durationMs: end > start ? Number(end - start) / 1e6 : 0,
    error: status?.error ?? false,
    message: status?.message ?? "",
    attributes: readAttributes(span),
    events: each(span, "events", readEvent),
  };
}

const readStatus = (status: Fields): Pick<Span, "error" | "message"> => ({
  error: readEnum(status, "code", "STATUS_CODE_", STATUS_NAMES) === STATUS_ERROR,
  message: readText(status, "message"),
});

const readEvent = (event: Fields): SpanEvent => ({
  name: readText(event, "name"),
  timeMs: toMs(readNanos(event, "timeUnixNano")),
  attributes: readAttributes(event),
});
