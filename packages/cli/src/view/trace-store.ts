import type { Attributes, AttributeValue, Span } from "./span.ts";

/** Which traces to list. */
export interface TraceFilter {
  readonly service?: string | undefined;
  /** The name of a span, such as `POST /votes/:shortcode`; of `service` where that is given. */
  readonly route?: string | undefined;
  /** Only traces with a failed span; of `service` and `route` where given. */
  readonly error?: boolean | undefined;
  /** At least this long. */
  readonly minMs?: number | undefined;
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

/** What the store has taken and let go. */
export interface StoreCounts {
  readonly traces: number;
  readonly spans: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Spans taken since the start. */
  readonly received: number;
  /** Spans of traces that had to make room. */
  readonly evicted: number;
  /** Spans of a trace that had grown too big. */
  readonly dropped: number;
}

/** Holds recent traces in a bounded number of bytes. */
export interface TraceStore {
  add(spans: readonly Span[]): void;
  /** The latest to arrive first. */
  list(filter?: TraceFilter): TraceSummary[];
  /** The spans of a trace by start; null when it is not here. */
  get(traceId: string): Span[] | null;
  counts(): StoreCounts;
}

interface Trace {
  readonly traceId: string;
  /** The order of arrival. */
  readonly sequence: number;
  readonly spans: Map<string, Span>;
  bytes: number;
  failed: boolean;
}

const LIST_LIMIT = 50;
// One endless trace (a poller, a queue worker) must not push all others out.
const TRACE_SHARE = 1 / 8;

/** Is told of every span that is new, with the spans of its trace that are here, by id. */
export type SpanObserver = (span: Span, trace: ReadonlyMap<string, Span>) => void;

/**
 * Builds a store of at most `maxBytes`. When it is full the oldest whole trace without an error goes first;
 * failed ones go only when nothing else is left.
 */
export function createTraceStore(maxBytes: number, observe?: SpanObserver): TraceStore {
  // Maps keep the order of insertion: the first is the oldest.
  const well = new Map<string, Trace>();
  const failed = new Map<string, Trace>();
  let sequence = 0;
  let spanCount = 0;
  let bytes = 0;
  let received = 0;
  let evicted = 0;
  let dropped = 0;

  const addOne = (span: Span): void => {
    received += 1;
    let trace = failed.get(span.traceId) ?? well.get(span.traceId);
    if (trace === undefined) {
      trace = { traceId: span.traceId, sequence: sequence++, spans: new Map(), bytes: 0, failed: false };
      well.set(span.traceId, trace);
    }
    if (trace.spans.has(span.spanId)) return; // Sent again after a lost answer.
    observe?.(span, trace.spans);
    const size = sizeOf(span);
    if (trace.bytes + size > maxBytes * TRACE_SHARE) {
      dropped += 1;
      if (trace.spans.size === 0) well.delete(span.traceId);
      return;
    }
    trace.spans.set(span.spanId, span);
    spanCount += 1;
    trace.bytes += size;
    bytes += size;
    if (span.error && !trace.failed) {
      trace.failed = true;
      well.delete(span.traceId);
      failed.set(span.traceId, trace);
    }
    while (bytes > maxBytes) evictOldest();
  };

  const evictOldest = (): void => {
    const from = well.size > 0 ? well : failed;
    const [traceId, trace] = from.entries().next().value!;
    from.delete(traceId);
    bytes -= trace.bytes;
    spanCount -= trace.spans.size;
    evicted += trace.spans.size;
  };

  return {
    add(spans) {
      for (const span of spans) addOne(span);
    },
    list(filter = {}) {
      const limit = filter.limit ?? LIST_LIMIT;
      const found: TraceSummary[] = [];
      const newestFirst = [...well.values(), ...failed.values()].sort((a, b) => b.sequence - a.sequence);
      for (const trace of newestFirst) {
        if (found.length >= limit) break;
        if (!fits(trace, filter)) continue;
        const summary = summariseTrace(trace);
        if (summary.durationMs >= (filter.minMs ?? 0)) found.push(summary);
      }
      return found;
    },
    get(traceId) {
      const trace = failed.get(traceId) ?? well.get(traceId);
      return trace === undefined ? null : [...trace.spans.values()].sort((a, b) => a.startMs - b.startMs);
    },
    counts() {
      const traces = well.size + failed.size;
      return { traces, spans: spanCount, bytes, maxBytes, received, evicted, dropped };
    },
  };
}

function fits({ spans, failed }: Trace, { service, route, error }: TraceFilter): boolean {
  if (error === true && !failed) return false;
  if (service === undefined && route === undefined) return true;
  for (const span of spans.values()) {
    if (service !== undefined && span.service !== service) continue;
    if (route !== undefined && span.name !== route) continue;
    if (error !== true || span.error) return true;
  }
  return false;
}

function summariseTrace({ traceId, spans }: Trace): TraceSummary {
  const services = new Map<string, { name: string; spans: number; errors: number }>();
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = 0;
  let root: Span | undefined;
  for (const span of spans.values()) {
    startMs = Math.min(startMs, span.startMs);
    endMs = Math.max(endMs, span.startMs + span.durationMs);
    root = rootOf(root, span);
    const service = services.get(span.service) ?? { name: span.service, spans: 0, errors: 0 };
    service.spans += 1;
    if (span.error) service.errors += 1;
    services.set(span.service, service);
  }
  const all = [...services.values()];
  return {
    traceId,
    startMs,
    durationMs: endMs - startMs,
    root: { service: root?.service ?? "", name: root?.name ?? "" },
    services: all,
    spans: spans.size,
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
  };
}

function rootOf(best: Span | undefined, span: Span): Span {
  if (best === undefined) return span;
  if ((best.parentSpanId === null) !== (span.parentSpanId === null)) {
    return best.parentSpanId === null ? best : span;
  }
  return span.startMs < best.startMs ? span : best;
}

// What V8 needs for a span, roughly: its objects and map entries, and two bytes a character at worst.
const SPAN_BYTES = 640;
const EVENT_BYTES = 160;
const VALUE_BYTES = 48;

function sizeOf(span: Span): number {
  let size = SPAN_BYTES + 2 * (span.name.length + span.message.length) + sizeOfAttributes(span.attributes);
  for (const event of span.events)
    size += EVENT_BYTES + 2 * event.name.length + sizeOfAttributes(event.attributes);
  return size;
}

function sizeOfAttributes(attributes: Attributes): number {
  let size = 0;
  for (const name in attributes) size += VALUE_BYTES + 2 * name.length + sizeOfValue(attributes[name]!);
  return size;
}

function sizeOfValue(value: AttributeValue): number {
  if (typeof value === "string") return 2 * value.length;
  if (Array.isArray(value))
    return value.reduce<number>((sum, item) => sum + VALUE_BYTES + sizeOfValue(item), 0);
  return typeof value === "object" && value !== null ? sizeOfAttributes(value) : 0;
}
