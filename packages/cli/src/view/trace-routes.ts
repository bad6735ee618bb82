import type { WaterfallAnswer } from "./page/browser/answers.ts";
import type { Span } from "./span.ts";
import type { TraceFilter, TraceStore } from "./trace-store.ts";
import { failure, waterfallRows } from "./waterfall.ts";

/** An answer to be sent as JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

const MAX_LIMIT = 1_000;

/**
 * Answers the questions about traces; null when the path is none of them.
 *
 * - `GET /api/traces?service=&route=&error=true&minMs=&limit=`: `{traces: TraceSummary[]}`, newest first
 * - `GET /api/traces/:traceId`: `{traceId, spans: Span[]}`, or 404
 * - `GET /api/traces/:traceId/waterfall`: the same as {@link WaterfallAnswer}, or 404
 * - `GET /api/counts`: the store's {@link StoreCounts}
 */
export function answerTraces(url: URL, store: TraceStore): JsonAnswer | null {
  if (url.pathname === "/api/counts") return { status: 200, body: store.counts() };
  if (url.pathname === "/api/traces") return listTraces(url.searchParams, store);
  const path = /^\/api\/traces\/([^/]+)(\/waterfall)?$/.exec(url.pathname);
  if (path === null) return null;
  const traceId = path[1]!.toLowerCase();
  const spans = store.get(traceId);
  if (spans === null) return wrong(404, "no such trace");
  return { status: 200, body: path[2] === undefined ? { traceId, spans } : waterfall(traceId, spans) };
}

function waterfall(traceId: string, spans: readonly Span[]): WaterfallAnswer {
  const rows = waterfallRows(spans).map(({ span, depth }) => ({
    span,
    depth,
    failure: span.error ? failure(span) : "",
  }));
  return { traceId, rows };
}

function listTraces(query: URLSearchParams, store: TraceStore): JsonAnswer {
  const minMs = Number(query.get("minMs") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  const error = query.get("error") ?? "false";
  if (!(minMs >= 0)) return wrong(400, "minMs is not a number of milliseconds");
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    return wrong(400, `limit is not 1 to ${MAX_LIMIT}`);
  if (error !== "true" && error !== "false") return wrong(400, "error is not true or false");
  const filter: TraceFilter = {
    service: query.get("service") || undefined,
    route: query.get("route") || undefined,
    error: error === "true",
    minMs,
    limit,
  };
  return { status: 200, body: { traces: store.list(filter) } };
}

/** A refusal that says why. */
export const wrong = (status: number, message: string): JsonAnswer => ({ status, body: { message } });
