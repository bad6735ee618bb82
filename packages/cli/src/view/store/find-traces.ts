import type { Span } from "../span.ts";
import { matchExpression } from "./search-query.ts";

import type { Placed } from "./segment-folder.ts";
import { termOf } from "./terms.ts";

/** Which traces to list. */
export interface TraceFilter {
  readonly service?: string | undefined;
  /** The name of a span, such as `POST /votes/:shortcode`; of `service` where that is given. */
  readonly route?: string | undefined;
  /** Only traces with a failed span; of `service` and `route` where given. */
  readonly error?: boolean | undefined;
  /** At least this long. */
  readonly minMs?: number | undefined;
  /** At most this long. */
  readonly maxMs?: number | undefined;
  /** Words, phrases and `field:value` that one span of the trace must hold. */
  readonly search?: string | undefined;
  /** Only what began in this stretch, in milliseconds since 1970. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** @default 50 */
  readonly limit?: number | undefined;
}

/** What one service did in a trace. */
export interface TraceService {
  readonly name: string;
  readonly spans: number;
  readonly errors: number;
}

/** One line of a list of traces. */
export interface TraceSummary {
  readonly traceId: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** The span without a parent, or the earliest while that has not come. */
  readonly root: { readonly service: string; readonly name: string };
  readonly services: readonly TraceService[];
  readonly spans: number;
  readonly errors: number;
}

const LIST_LIMIT = 50;
// A word that is everywhere must not be followed through every file for traces that then do not fit.
const MAX_LOOKED_AT = 20_000;

/** Lists traces, the latest to arrive first. */
export function listTraces(segments: readonly Placed[], filter: TraceFilter): TraceSummary[] {
  const {
    minMs = 0,
    maxMs = Number.MAX_VALUE,
    fromMs = 0,
    toMs = Number.MAX_SAFE_INTEGER,
    limit = LIST_LIMIT,
  } = filter;
  const found = new Map<string, TraceSummary | null>();
  const listed: TraceSummary[] = [];
  let lookedAt = 0;
  for (const traceId of candidates(segments, filter)) {
    if (listed.length >= limit || lookedAt >= MAX_LOOKED_AT) break;
    if (found.has(traceId)) continue;
    lookedAt += 1;
    const summary = summariseTrace(segments, traceId);
    found.set(traceId, summary);
    if (summary === null || summary.durationMs < minMs || summary.durationMs > maxMs) continue;
    if (summary.startMs >= fromMs && summary.startMs < toMs) listed.push(summary);
  }
  return listed;
}

function* candidates(segments: readonly Placed[], filter: TraceFilter): Iterable<string> {
  const expression = expressionOf(filter);
  for (const { segment } of segments) {
    const rows =
      expression !== null
        ? segment
            .prepare(
              `SELECT trace_id FROM spans_words JOIN spans ON spans.id = spans_words.rowid
               WHERE spans_words MATCH ? ORDER BY spans_words.rowid DESC`,
            )
            .iterate(expression)
        : filter.error === true
          ? segment.prepare("SELECT trace_id FROM traces WHERE errors > 0 ORDER BY id DESC").iterate()
          : segment
              .prepare("SELECT trace_id FROM traces WHERE end_ms - start_ms BETWEEN ? AND ? ORDER BY id DESC")
              // Over several segments a trace may be longer than the part of it in each.
              .iterate(segments.length > 1 ? 0 : (filter.minMs ?? 0), filter.maxMs ?? Number.MAX_VALUE);
    for (const { trace_id: traceId } of rows as Iterable<{ trace_id: string }>) yield traceId;
  }
}

function expressionOf({ service, route, error, search }: TraceFilter): string | null {
  // One span must be all of it at once; the index has words for each set of these.
  const parts = [service, route].filter((part) => part !== undefined);
  const names = [service === undefined ? "" : "service", route === undefined ? "" : "name"].filter(Boolean);
  if (error === true && (parts.length > 0 || search !== undefined)) {
    names.push("error");
    parts.push("true");
  }
  const own = parts.length === 0 ? null : termExpression(names.join(" "), parts.join("\0"));
  const searched = search === undefined ? null : matchExpression(search);
  return [own, searched].filter((part) => part !== null).join(" AND ") || null;
}

const termExpression = (field: string, value: string): string => `terms : "${termOf(field, value)}"`;

function summariseTrace(segments: readonly Placed[], traceId: string): TraceSummary | null {
  let whole: TraceRow | null = null;
  const services = new Map<string, { name: string; spans: number; errors: number }>();
  for (const { segment } of segments) {
    const row = segment.prepare("SELECT * FROM traces WHERE trace_id = ?").get(traceId) as
      | TraceRow
      | undefined;
    if (row === undefined) continue;
    whole = whole === null ? row : mergeRows(whole, row);
    const own = segment
      .prepare(
        "SELECT service, count(*) AS spans, sum(error) AS errors FROM spans WHERE trace_id = ? GROUP BY service",
      )
      .all(traceId) as unknown as { service: string; spans: number; errors: number }[];
    for (const { service, spans, errors } of own) {
      const before = services.get(service) ?? { name: service, spans: 0, errors: 0 };
      services.set(service, { name: service, spans: before.spans + spans, errors: before.errors + errors });
    }
  }
  if (whole === null) return null;
  return {
    traceId,
    startMs: whole.start_ms,
    durationMs: whole.end_ms - whole.start_ms,
    root: { service: whole.root_service, name: whole.root_name },
    services: [...services.values()],
    spans: whole.spans,
    errors: whole.errors,
  };
}

interface TraceRow {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly spans: number;
  readonly errors: number;
  readonly root_service: string;
  readonly root_name: string;
  readonly root_is_top: number;
  readonly root_start_ms: number;
}

function mergeRows(a: TraceRow, b: TraceRow): TraceRow {
  const better =
    b.root_is_top > a.root_is_top || (b.root_is_top === a.root_is_top && b.root_start_ms < a.root_start_ms)
      ? b
      : a;
  return {
    ...better,
    start_ms: Math.min(a.start_ms, b.start_ms),
    end_ms: Math.max(a.end_ms, b.end_ms),
    spans: a.spans + b.spans,
    errors: a.errors + b.errors,
  };
}

/** The spans of a trace by start; null when it is not here. */
export function getTrace(segments: readonly Placed[], traceId: string): Span[] | null {
  const spans = new Map<string, Span>();
  for (const { segment } of segments) {
    const rows = segment.prepare("SELECT span_id, body FROM spans WHERE trace_id = ?").iterate(traceId);
    for (const { span_id: spanId, body } of rows as Iterable<{ span_id: string; body: string }>)
      if (!spans.has(spanId)) spans.set(spanId, JSON.parse(body) as Span);
  }
  return spans.size === 0 ? null : [...spans.values()].sort((a, b) => a.startMs - b.startMs);
}

/** When the first failed span of a service and a name began in a stretch, in milliseconds since 1970; null where there is none. */
export function firstFailure(
  segments: readonly Placed[],
  service: string,
  name: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number | null {
  const expression = expressionOf({ service, route: name, error: true });
  const found = segments.flatMap(({ segment }) => {
    const row = segment
      .prepare(
        `SELECT min(start_ms) AS first FROM spans_words JOIN spans ON spans.id = spans_words.rowid
         WHERE spans_words MATCH ? AND start_ms >= ? AND start_ms < ?`,
      )
      .get(expression, fromMs, toMs) as { first: number | null };
    return row.first ?? [];
  });
  return found.length === 0 ? null : Math.min(...found);
}

/** How many spans of a trace are here. */
export function countSpans(segments: readonly Placed[], traceId: string): number {
  let spans = 0;
  for (const { segment } of segments) {
    const row = segment.prepare("SELECT spans FROM traces WHERE trace_id = ?").get(traceId);
    spans += (row as { spans: number } | undefined)?.spans ?? 0;
  }
  return spans;
}
