/** One span as OTLP/JSON has it. */
export interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly unknown[];
  readonly events?: readonly unknown[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export const TRACE_ID = "5c522f9b5c522f9b5c522f9b5c522f9b";
const START_NS = 1_763_628_461_960_000_000n;

/** A span that starts `startMs` into its trace. */
export function span(
  id: number,
  startMs: number,
  durationMs: number,
  more: Partial<JsonSpan> = {},
): JsonSpan {
  const start = START_NS + BigInt(Math.round(startMs * 1e6));
  return {
    traceId: TRACE_ID,
    spanId: id.toString(16).padStart(16, "0"),
    name: "GET /",
    kind: 2,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(Math.round(durationMs * 1e6))),
    ...more,
  };
}

/** An ExportTraceServiceRequest of one service, as JSON. */
export function exportRequest(service: string, spans: readonly JsonSpan[]): { resourceSpans: unknown[] } {
  const attributes = [{ key: "service.name", value: { stringValue: service } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: "test" }, spans }] }] };
}

/** Posts a body as an exporter does. */
export async function post(
  url: string,
  body: string | Uint8Array | object,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string; text: string }> {
  const payload = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: payload as string,
  });
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    text: await response.text(),
  };
}
