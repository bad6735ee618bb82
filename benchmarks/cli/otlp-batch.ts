import { randomFillSync } from "node:crypto";

/** A request of one service as OTLP's protobuf, whose ids are made anew before each sending. */
export interface OtlpBatch {
  readonly spans: number;
  /** The request with fresh ids; the same buffer each time. */
  next(): Buffer;
}

const SPANS_A_TRACE = 10;
const TRACE_ID = Buffer.from("aa55aa55aa55aa55aa55aa55aa55aa55", "hex");
const SPAN_ID = Buffer.from("bb66bb66bb66bb66", "hex");
const PARENT_ID = Buffer.from("cc77cc77cc77cc77", "hex");

/** Builds a request of `traces` traces of ten spans each; in every 50th trace all of them fail. */
export function otlpBatch(service: string, traces: number): OtlpBatch {
  const spans = Array.from({ length: traces * SPANS_A_TRACE }, (_, i) => spanOf(i));
  const resource = field(1, field(1, Buffer.concat([text(1, "service.name"), field(2, text(1, service))])));
  const scope = field(
    2,
    Buffer.concat([field(1, text(1, "benchmark")), ...spans.map((span) => field(2, span))]),
  );
  const request = field(1, Buffer.concat([resource, scope]));
  const at = (id: Buffer): number[] => {
    const found: number[] = [];
    for (let i = request.indexOf(id); i !== -1; i = request.indexOf(id, i + 1)) found.push(i);
    return found;
  };
  const [traceIds, spanIds, parentIds] = [at(TRACE_ID), at(SPAN_ID), at(PARENT_ID)];
  return {
    spans: spans.length,
    next() {
      traceIds.forEach((to, i) => {
        if (i % SPANS_A_TRACE === 0) randomFillSync(request, to, 16);
        else
          request.copy(
            request,
            to,
            traceIds[i - (i % SPANS_A_TRACE)]!,
            traceIds[i - (i % SPANS_A_TRACE)]! + 16,
          );
        randomFillSync(request, spanIds[i]!, 8);
      });
      // Each but the first of its trace hangs below the one before it.
      parentIds.forEach((to, i) => {
        const above =
          spanIds[Math.floor(i / (SPANS_A_TRACE - 1)) * SPANS_A_TRACE + (i % (SPANS_A_TRACE - 1))]!;
        request.copy(request, to, above, above + 8);
      });
      return request;
    },
  };
}

function spanOf(i: number): Buffer {
  const nth = i % SPANS_A_TRACE;
  const start = BigInt(Date.now()) * 1_000_000n;
  return Buffer.concat([
    field(1, TRACE_ID),
    field(2, SPAN_ID),
    ...(nth === 0 ? [] : [field(4, PARENT_ID)]),
    text(5, `GET /things/${nth}/:id`),
    number(6, nth % 2 === 0 ? 2 : 3),
    fixed64(7, start),
    fixed64(8, start + BigInt(1_000_000 * (1 + (i % 37)))),
    ...Object.entries({
      "http.request.method": "GET",
      "http.route": `/things/${nth}/:id`,
      "url.path": `/things/${nth}/${i}`,
      "url.scheme": "http",
      "server.address": `things-${nth}.internal`,
      "user_agent.original": "benchmark/1.0 (made to measure)",
      "network.protocol.version": "1.1",
      "http.response.status_code": "200",
    }).map(([key, value]) => field(9, Buffer.concat([text(1, key), field(2, text(1, value))]))),
    ...(Math.floor(i / SPANS_A_TRACE) % 50 === 0 ? [field(15, number(3, 2))] : []),
  ]);
}

/** A request of lines of one service as OTLP's protobuf, whose times are made anew before each sending. */
export interface OtlpLines {
  readonly lines: number;
  /** The request with fresh times; the same buffer each time. */
  next(): Buffer;
}

const TIME_NS = 0x5a5a5a5a5a5a5a5an;

/** Builds a request of so many lines with five attributes each; every 50th is an error. */
export function otlpLines(service: string, lines: number): OtlpLines {
  const resource = field(1, field(1, Buffer.concat([text(1, "service.name"), field(2, text(1, service))])));
  const records = Array.from({ length: lines }, (_, i) => field(2, recordOf(i)));
  const scope = field(2, Buffer.concat([field(1, text(1, "benchmark")), ...records]));
  const request = field(1, Buffer.concat([resource, scope]));
  const mark = Buffer.alloc(8);
  mark.writeBigUInt64LE(TIME_NS);
  const times: number[] = [];
  for (let at = request.indexOf(mark); at !== -1; at = request.indexOf(mark, at + 8)) times.push(at);
  return {
    lines,
    next() {
      const now = BigInt(Date.now()) * 1_000_000n;
      for (const at of times) request.writeBigUInt64LE(now, at);
      return request;
    },
  };
}

function recordOf(i: number): Buffer {
  const failed = i % 50 === 0;
  const attributes = {
    AccountID: `account-${i % 1_000}`,
    RequestID: (i * 7_919).toString(16).padStart(12, "0"),
    route: `/things/${i % 10}/:id`,
    reason: failed ? "no sugar left" : "all is well with this one",
    duration: String(i % 97),
  };
  return Buffer.concat([
    fixed64(1, TIME_NS),
    number(2, failed ? 17 : 5),
    text(3, failed ? "ERROR" : "DEBUG"),
    field(5, text(1, failed ? `things-fail-${i % 7}` : `things-done-${i % 20}`)),
    ...Object.entries(attributes).map(([key, value]) =>
      field(6, Buffer.concat([text(1, key), field(2, text(1, value))])),
    ),
  ]);
}

const field = (id: number, bytes: Buffer): Buffer =>
  Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes]);
const text = (id: number, value: string): Buffer => field(id, Buffer.from(value));
const number = (id: number, value: number): Buffer => Buffer.concat([varint(id << 3), varint(value)]);

function fixed64(id: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint((id << 3) | 1), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}
