import type { Receiver } from "../../src/index.ts";
import { exportRequest, type JsonSpan, post } from "./otlp.ts";

/** A call of one service by another, as both sides would send it. */
export interface Call {
  readonly from: string;
  readonly to: string;
  readonly route?: string;
  readonly failed?: boolean;
  readonly ms?: number;
  /** `host` and port as the caller wrote them. @default the callee's name and 80 */
  readonly address?: readonly [host: string, port: number];
}

let ids = 1;
const hex = (digits: number): string => (ids++).toString(16).padStart(digits, "0");

/** The spans of one trace in which each call is made by the callee of the one before it. */
export function traceOf(calls: readonly Call[]): { traceId: string; byService: Map<string, JsonSpan[]> } {
  const traceId = hex(32);
  const byService = new Map<string, JsonSpan[]>();
  const start = BigInt(Date.now()) * 1_000_000n;
  const add = (service: string, span: JsonSpan): void => {
    byService.set(service, [...(byService.get(service) ?? []), span]);
  };
  let parent: string | undefined;
  for (const { from, to, route = "GET /", failed = false, ms = 10, address = [to, 80] } of calls) {
    const [client, server] = [hex(16), hex(16)];
    const times = {
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(start + BigInt(Math.round(ms * 1e6))),
      ...(failed ? { status: { code: 2 } } : {}),
    };
    const attributes = [
      { key: "server.address", value: { stringValue: address[0] } },
      { key: "server.port", value: { intValue: String(address[1]) } },
    ];
    const above = parent === undefined ? {} : { parentSpanId: parent };
    add(from, { traceId, spanId: client, ...above, name: "GET", kind: 3, attributes, ...times });
    add(to, { traceId, spanId: server, parentSpanId: client, name: route, kind: 2, ...times });
    parent = server;
  }
  return { traceId, byService };
}

/** Sends such traces, the callees' spans first or last, and returns their ids. */
export async function sendCalls(
  { url }: Pick<Receiver, "url">,
  times: number,
  calls: readonly Call[],
  { calleesFirst = false }: { calleesFirst?: boolean } = {},
): Promise<string[]> {
  const sent: string[] = [];
  const all = new Map<string, JsonSpan[]>();
  for (let i = 0; i < times; i++) {
    const { traceId, byService } = traceOf(calls);
    sent.push(traceId);
    for (const [service, spans] of byService) all.set(service, [...(all.get(service) ?? []), ...spans]);
  }
  const services = calleesFirst ? [...all].reverse() : [...all];
  for (const [service, spans] of services) await post(url, exportRequest(service, spans));
  return sent;
}
