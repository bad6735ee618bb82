/** A log record as OTLP/JSON has it. */
export interface JsonRecord {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: unknown;
  readonly attributes?: readonly unknown[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

/** An ExportLogsServiceRequest of one service, as JSON. */
export function logsRequest(service: string, logRecords: readonly JsonRecord[]): { resourceLogs: unknown[] } {
  const attributes = [{ key: "service.name", value: { stringValue: service } }];
  return {
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope: { name: "test" }, logRecords }] }],
  };
}

/** A time, so many milliseconds ago, as OTLP has it. */
export const nanosAgo = (ms: number): string => String(BigInt(Math.round(Date.now() - ms)) * 1_000_000n);

/** An attribute with a text. */
export const text = (key: string, stringValue: string): unknown => ({ key, value: { stringValue } });

/** Posts to `/v1/logs` as an exporter does. */
export async function postLogs(
  url: string,
  body: string | Uint8Array | object,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const payload = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(`${url}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: payload as string,
  });
  return { status: response.status, text: await response.text() };
}
