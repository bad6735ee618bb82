import { setTimeout as wait } from "node:timers/promises";
import { isRecord } from "../is-record.ts";
import { askJson, baseUrl } from "../sources/live/ask.ts";
import type { Span } from "../view/span.ts";

/** A trace that was looked for. */
export interface FoundTrace {
  readonly traceId: string;
  readonly spans: readonly Span[];
}

/** What the trace should show. */
export interface WantedTrace {
  readonly traceIds: readonly string[];
  readonly service: string;
  /** Whether the service sends spans of its own, so that a trace without them is not whole yet. */
  readonly known: boolean;
  readonly routes: readonly { readonly name: string }[];
}

const MAX_TRIES = 5;
const POLL_MS = 250;
// Exporters send in batches, each service its own: a trace may be there in part for some seconds.
const PATIENCE_MS = 3_000;

/**
 * Asks a `whodunit view` for one of the traces, or for any in which the service failed. Waits a little for one
 * that is complete, then takes the fullest. Null where there is no view or it has none.
 */
export async function findTrace(
  view: string,
  wanted: WantedTrace,
  token: string | undefined,
): Promise<FoundTrace | null> {
  const base = baseUrl(view);
  const ask: Ask = (path) => askJson(new URL(path, base), { token });
  if (!(await ask("api/counts")).ok) return null;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const traces = await fetchTraces(ask, wanted);
    const best = traces.find(({ spans }) => gaps(spans, wanted) === 0);
    if (best !== undefined) return best;
    if (Date.now() >= deadline) return fullest(traces, wanted);
    await wait(POLL_MS);
  }
}

type Ask = (path: string) => ReturnType<typeof askJson>;

async function fetchTraces(ask: Ask, wanted: WantedTrace): Promise<FoundTrace[]> {
  const ids = new Set([...wanted.traceIds.slice(0, MAX_TRIES), ...(await listFailed(ask, wanted))]);
  const traces = await Promise.all([...ids].map((traceId) => fetchTrace(ask, traceId)));
  return traces.filter((trace) => trace !== null);
}

async function listFailed(ask: Ask, { service, routes }: WantedTrace): Promise<string[]> {
  const list = new URLSearchParams({ error: "true", limit: String(MAX_TRIES), service });
  if (routes[0] !== undefined) list.set("route", routes[0].name);
  const answer = await ask(`api/traces?${list}`);
  const traces = answer.ok && isRecord(answer.body) ? answer.body.traces : null;
  if (!Array.isArray(traces)) return [];
  return traces
    .filter(isRecord)
    .map(({ traceId }) => traceId)
    .filter((traceId) => typeof traceId === "string");
}

async function fetchTrace(ask: Ask, traceId: string): Promise<FoundTrace | null> {
  const answer = await ask(`api/traces/${encodeURIComponent(traceId)}`);
  if (!answer.ok || answer.status !== 200 || !isRecord(answer.body)) return null;
  const { spans } = answer.body;
  return Array.isArray(spans) && spans.length > 0 && spans.every(isSpan) ? { traceId, spans } : null;
}

/** Whether a value is a span. Something else may listen where a view is looked for: what is shown must be there. */
export function isSpan(value: unknown): value is Span {
  if (!isRecord(value)) return false;
  const { spanId, parentSpanId, service, name, startMs, durationMs, message, attributes, events } = value;
  return (
    [spanId, parentSpanId === null ? "" : parentSpanId, service, name, message].every(
      (text) => typeof text === "string",
    ) &&
    [startMs, durationMs].every(Number.isFinite) &&
    isRecord(attributes) &&
    Array.isArray(events) &&
    events.every(isRecord)
  );
}

// How much of a trace is not there: spans that others hang below, and the culprit's own.
function gaps(spans: readonly Span[], { service, known }: WantedTrace): number {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const parents = spans.filter(({ parentSpanId }) => parentSpanId !== null && !ids.has(parentSpanId)).length;
  return parents + (known && !spans.some((span) => span.service === service) ? 1 : 0);
}

function fullest(traces: readonly FoundTrace[], wanted: WantedTrace): FoundTrace | null {
  return traces.toSorted((a, b) => gaps(a.spans, wanted) - gaps(b.spans, wanted))[0] ?? null;
}
