import type { TraceFilter, TraceStore } from "./trace-store.ts";

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
 * - `GET /api/counts`: the store's {@link StoreCounts}
 */
export function answerTraces(url: URL, store: TraceStore): JsonAnswer | null {
  if (url.pathname === "/api/counts") return { status: 200, body: store.counts() };
  if (url.pathname === "/api/traces") return listTraces(url.searchParams, store);
  const traceId = /^\/api\/traces\/([^/]+)$/.exec(url.pathname)?.[1];
  if (traceId === undefined) return null;
  const spans = store.get(traceId.toLowerCase());
  return spans === null ? wrong(404, "no such trace") : { status: 200, body: { traceId, spans } };
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

const wrong = (status: number, message: string): JsonAnswer => ({ status, body: { message } });
