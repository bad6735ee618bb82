import { gzipSync } from "node:zlib";
import { type Part, type ProtoWriter, protoWriter } from "./proto-writer.ts";
import { BYTES, END_NS, EVENT_NS, PARENT, type Sdk, type Sent, SPAN, START_NS, TRACE } from "./sdk-story.ts";

/** Attributes as protobuf has them. */
function protoAttributes(w: ProtoWriter, field: number): Part[] {
  const pair = (key: string, ...value: readonly Part[]): Part =>
    w.message(field, w.text(1, key), w.message(2, ...value));
  const inner = (key: string, ...value: readonly Part[]): Part =>
    w.message(1, w.text(1, key), w.message(2, ...value));
  return [
    pair("http.route", w.text(1, "/cart")),
    pair("http.response.status_code", w.varint(3, 500)),
    pair("thread.id", w.varint(3, 9_007_199_254_740_993n)),
    pair("ratio", w.double(4, 0.5)),
    pair("cached", w.varint(2, 0)),
    pair("sizes", w.message(5, w.message(1, w.varint(3, 1)), w.message(1), w.message(1, w.text(1, "l")))),
    pair("meta", w.message(6, inner("a", w.message(6, inner("b", w.text(1, "c")))))),
    pair("raw", w.bytes(7, BYTES)),
  ];
}

const hex = (digits: string): Uint8Array => Buffer.from(digits, "hex");
const protobuf = (parts: readonly Part[], gzip: boolean): Sent => {
  const body = Buffer.concat(parts);
  return { type: "application/x-protobuf", body: gzip ? gzipSync(body) : body, gzip };
};

interface Habits {
  readonly gzip: boolean;
  /** Of a span's fields: `flags` behind the parent, as .NET writes it, or at the end. */
  readonly flagsEarly?: boolean;
  /** Fields of a later OTLP, behind all that are known. */
  readonly later?: boolean;
  /** Whether nothing is counted as dropped where nothing was. */
  readonly zeros?: boolean;
}

/** A request of a resource, a scope with attributes, and what is in it. */
function protoRequest(w: ProtoWriter, items: readonly Part[], { later = false }: Habits): Part[] {
  const resource = [w.message(1, w.text(1, "service.name"), w.message(2, w.text(1, "shop"))), w.varint(2, 3)];
  const scope = [
    w.text(1, "shop.cart"),
    w.text(2, "1.0.0"),
    w.message(3, w.text(1, "part"), w.message(2, w.text(1, "cart"))),
  ];
  const more = later ? [w.message(900, w.text(1, "of a later version"))] : [];
  return [
    w.message(
      1,
      w.message(1, ...resource, ...more),
      w.message(
        2,
        w.message(1, ...scope, ...more),
        ...items,
        w.text(3, "https://opentelemetry.io/schemas/1.37.0"),
      ),
      w.text(3, "https://opentelemetry.io/schemas/1.37.0"),
      ...more,
    ),
    ...more,
  ];
}

function protoTraces(w: ProtoWriter, habits: Habits): Sent {
  const { gzip, flagsEarly = false, later = false, zeros = false } = habits;
  const flags = w.fixed32(16, 0x301);
  const event = [
    w.fixed64(1, EVENT_NS),
    w.text(2, "exception"),
    w.message(3, w.text(1, "exception.type"), w.message(2, w.text(1, "CartError"))),
    ...(zeros ? [w.varint(4, 0)] : []),
  ];
  const link = [w.bytes(1, hex(TRACE)), w.bytes(2, hex(PARENT)), w.text(3, ""), w.fixed32(6, 1)];
  const span = w.message(
    2,
    w.bytes(1, hex(TRACE)),
    w.bytes(2, hex(SPAN)),
    w.text(3, "vendor=1"),
    w.bytes(4, hex(PARENT)),
    ...(flagsEarly ? [flags] : []),
    w.text(5, "GET /cart"),
    w.varint(6, 2),
    w.fixed64(7, START_NS),
    w.fixed64(8, END_NS),
    ...protoAttributes(w, 9),
    w.varint(10, 7),
    w.message(11, ...event),
    ...(zeros ? [w.varint(12, 0)] : []),
    w.message(13, ...link),
    w.message(15, w.text(2, "no cart"), w.varint(3, 2)),
    ...(flagsEarly ? [] : [flags]),
    ...(later ? [w.varint(901, 5), w.fixed64(902, 1n), w.fixed32(903, 1)] : []),
  );
  return protobuf(protoRequest(w, [span], habits), gzip);
}

function protoLogs(w: ProtoWriter, habits: Habits): Sent {
  const record = w.message(
    2,
    w.fixed64(1, EVENT_NS),
    w.varint(2, 17),
    w.text(3, "ERROR"),
    w.message(5, w.text(1, "cart is gone")),
    ...protoAttributes(w, 6),
    w.varint(7, 0),
    w.fixed32(8, 1),
    w.bytes(9, hex(TRACE)),
    w.bytes(10, hex(SPAN)),
    w.fixed64(11, EVENT_NS),
  );
  return protobuf(protoRequest(w, [record], habits), habits.gzip);
}

function protoMetrics(w: ProtoWriter, habits: Habits): Sent {
  const kind = w.message(7, w.text(1, "kind"), w.message(2, w.text(1, "tea")));
  const times = [w.fixed64(2, START_NS), w.fixed64(3, END_NS)];
  const level = w.message(
    2,
    w.text(1, "queue"),
    w.text(2, "who waits"),
    w.message(7, w.message(1, ...times, w.fixed64(6, -2n), kind), w.varint(2, 2), w.varint(3, 0)),
  );
  const bounds = Buffer.alloc(16);
  bounds.writeDoubleLE(10, 0);
  bounds.writeDoubleLE(100, 8);
  const counts = Buffer.alloc(24);
  counts.writeBigUInt64LE(1n, 8);
  const timed = w.message(
    2,
    w.text(1, "duration"),
    w.text(3, "ms"),
    w.message(
      9,
      w.message(1, ...times, w.fixed64(4, 1n), w.double(5, 12.5), w.bytes(6, counts), w.bytes(7, bounds)),
      w.varint(2, 1),
    ),
  );
  return protobuf(protoRequest(w, [level, timed], habits), habits.gzip);
}

/** SDKs that send protobuf. */
export const PROTO_SDKS: Readonly<Record<string, Sdk>> = {
  Go: {
    source:
      "opentelemetry-go, exporters/otlp: fields by their numbers, gzip by OTEL_EXPORTER_OTLP_COMPRESSION",
    traces: protoTraces(protoWriter(), { gzip: true }),
    logs: protoLogs(protoWriter(), { gzip: true }),
    metrics: protoMetrics(protoWriter(), { gzip: true }),
  },
  Python: {
    source:
      "opentelemetry-python, exporter-otlp-proto-common: None in a list is an empty value, counts of 0 are written",
    traces: protoTraces(protoWriter(), { gzip: false, zeros: true }),
    logs: protoLogs(protoWriter(), { gzip: false, zeros: true }),
    metrics: protoMetrics(protoWriter(), { gzip: false, zeros: true }),
  },
  ".NET": {
    source:
      "opentelemetry-dotnet, ProtobufOtlpTraceSerializer.cs: lengths padded to four bytes, flags before the name",
    traces: protoTraces(protoWriter(4), { gzip: false, flagsEarly: true }),
    logs: protoLogs(protoWriter(4), { gzip: false, flagsEarly: true }),
    metrics: protoMetrics(protoWriter(4), { gzip: false, flagsEarly: true }),
  },
  "an SDK of a later OTLP": {
    source: "opentelemetry.io/docs/specs/otlp: what is not known is passed over",
    traces: protoTraces(protoWriter(), { gzip: true, later: true }),
    logs: protoLogs(protoWriter(), { gzip: true, later: true }),
    metrics: protoMetrics(protoWriter(), { gzip: true, later: true }),
  },
};
