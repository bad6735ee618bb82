import { askJson, baseUrl } from "../services/ask.ts";
import type { Span } from "./span.ts";

/** A trace that was looked for. */
export interface FoundTrace {
  readonly traceId: string;
  readonly spans: readonly Span[];
}

/** What the trace should show. */
export interface WantedTrace {
  readonly traceIds: readonly string[];
  readonly service: string;
  readonly routes: readonly { readonly name: string }[];
}

const MAX_TRIES = 5;

/** Asks a `whodunit view` for one of the traces, or for any in which the service failed. Null where it has none. */
export async function findTrace(view: string, wanted: WantedTrace): Promise<FoundTrace | null> {
  const base = baseUrl(view);
  for (const traceId of wanted.traceIds.slice(0, MAX_TRIES)) {
    const trace = await fetchTrace(base, traceId);
    if (trace !== null) return trace;
  }
  const list = new URL("api/traces?error=true&limit=1", base);
  list.searchParams.set("service", wanted.service);
  const route = wanted.routes[0]?.name;
  if (route !== undefined) list.searchParams.set("route", route);
  const answer = await askJson(list);
  const body = answer.ok ? (answer.body as { traces?: { traceId?: unknown }[] }) : {};
  const traceId = body.traces?.[0]?.traceId;
  return typeof traceId === "string" ? fetchTrace(base, traceId) : null;
}

async function fetchTrace(base: URL, traceId: string): Promise<FoundTrace | null> {
  const answer = await askJson(new URL(`api/traces/${encodeURIComponent(traceId)}`, base));
  if (!answer.ok || answer.status !== 200) return null;
  const { spans } = answer.body as { spans?: Span[] };
  return Array.isArray(spans) && spans.length > 0 ? { traceId, spans } : null;
}
