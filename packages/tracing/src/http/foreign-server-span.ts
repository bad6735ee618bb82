import { type Context, createContextKey, type Span, SpanKind, trace } from "@opentelemetry/api";

/** What instrumentations of HTTP leave in the context of a request; they read the route from it. */
export interface RpcMetadata {
  readonly span?: Span;
  route?: string;
}

// The key of @opentelemetry/core.
const RPC_METADATA = createContextKey("OpenTelemetry SDK Context Key RPC_METADATA");

/** What dd-trace's own spans are read by, where they pass for OpenTelemetry's. */
interface DatadogSpan {
  context(): {
    getTag?(name: string): unknown;
    readonly _trace?: { readonly started?: readonly DatadogSpan[] };
  };
}

/** What an instrumentation of HTTP tells of the request in whose context this is. */
export function rpcMetadata(active: Context): RpcMetadata | undefined {
  return active.getValue(RPC_METADATA) as RpcMetadata | undefined;
}

/**
 * The server span that another instrumentation has made of the request, sampled or not: the active one, or one above it,
 * as where an instrumentation of the framework has a span of its own.
 */
export function foreignServerSpan(active: Context): Span | undefined {
  const known = rpcMetadata(active)?.span;
  if (known !== undefined) return known;
  const span = trace.getSpan(active);
  if (span === undefined) return undefined;
  const { kind, _ddSpan } = span as { kind?: SpanKind; _ddSpan?: DatadogSpan };
  if (kind === SpanKind.SERVER && span.isRecording()) return span;
  return _ddSpan !== undefined && isInDatadogRequest(_ddSpan) ? span : undefined;
}

// The first span of the trace here is the request's.
function isInDatadogRequest(span: DatadogSpan): boolean {
  const [first = span] = span.context()._trace?.started ?? [];
  return first.context().getTag?.("span.kind") === "server";
}
