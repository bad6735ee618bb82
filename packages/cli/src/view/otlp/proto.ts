import protobuf from "protobufjs/light.js";

type Field = readonly [id: number, type: string, rule?: "repeated"];

const ANY_VALUE: Readonly<Record<string, Field>> = {
  stringValue: [1, "string"],
  boolValue: [2, "bool"],
  intValue: [3, "int64"],
  doubleValue: [4, "double"],
  arrayValue: [5, "ArrayValue"],
  kvlistValue: [6, "KeyValueList"],
  bytesValue: [7, "bytes"],
};

// Of histograms only how many and how much is read; those fields stand at the same numbers in all kinds.
const DISTRIBUTION: Readonly<Record<string, Field>> = {
  startTimeUnixNano: [2, "fixed64"],
  timeUnixNano: [3, "fixed64"],
  count: [4, "fixed64"],
  sum: [5, "double"],
};

/** A request of many messages with hardly anything in them: each takes much more memory than bytes. */
export class TooManyMessages extends Error {}

/**
 * The part of OTLP that is read, as protobufjs wants it.
 * Source: opentelemetry-proto 1.9, trace/v1, logs/v1, metrics/v1, common/v1, resource/v1, collector and google.rpc.Status.
 */
const DESCRIPTOR = {
  nested: {
    ExportTraceServiceRequest: message({ resourceSpans: [1, "ResourceSpans", "repeated"] }),
    // All three responses are alike, but for what the number of rejected items is called.
    ExportResponse: message({ partialSuccess: [1, "PartialSuccess"] }),
    PartialSuccess: message({ rejected: [1, "int64"], errorMessage: [2, "string"] }),
    RpcStatus: message({ code: [1, "int32"], message: [2, "string"] }),
    ResourceSpans: message({ resource: [1, "Resource"], scopeSpans: [2, "ScopeSpans", "repeated"] }),
    Resource: message({ attributes: [1, "KeyValue", "repeated"] }),
    ScopeSpans: message({ scope: [1, "Scope"], spans: [2, "Span", "repeated"] }),
    Scope: message({ name: [1, "string"], version: [2, "string"] }),
    Span: message({
      traceId: [1, "bytes"],
      spanId: [2, "bytes"],
      parentSpanId: [4, "bytes"],
      name: [5, "string"],
      kind: [6, "int32"],
      startTimeUnixNano: [7, "fixed64"],
      endTimeUnixNano: [8, "fixed64"],
      attributes: [9, "KeyValue", "repeated"],
      events: [11, "Event", "repeated"],
      status: [15, "Status"],
    }),
    Event: message({
      timeUnixNano: [1, "fixed64"],
      name: [2, "string"],
      attributes: [3, "KeyValue", "repeated"],
    }),
    Status: message({ message: [2, "string"], code: [3, "int32"] }),
    ExportLogsServiceRequest: message({ resourceLogs: [1, "ResourceLogs", "repeated"] }),
    ResourceLogs: message({ resource: [1, "Resource"], scopeLogs: [2, "ScopeLogs", "repeated"] }),
    ScopeLogs: message({ scope: [1, "Scope"], logRecords: [2, "LogRecord", "repeated"] }),
    LogRecord: message({
      timeUnixNano: [1, "fixed64"],
      severityNumber: [2, "int32"],
      severityText: [3, "string"],
      body: [5, "AnyValue"],
      attributes: [6, "KeyValue", "repeated"],
      traceId: [9, "bytes"],
      spanId: [10, "bytes"],
      observedTimeUnixNano: [11, "fixed64"],
      eventName: [12, "string"],
    }),
    ExportMetricsServiceRequest: message({ resourceMetrics: [1, "ResourceMetrics", "repeated"] }),
    ResourceMetrics: message({ resource: [1, "Resource"], scopeMetrics: [2, "ScopeMetrics", "repeated"] }),
    ScopeMetrics: message({ scope: [1, "Scope"], metrics: [2, "Metric", "repeated"] }),
    Metric: message({
      name: [1, "string"],
      unit: [3, "string"],
      gauge: [5, "Numbers"],
      sum: [7, "Numbers"],
      histogram: [9, "Histograms"],
      exponentialHistogram: [10, "ExponentialHistograms"],
      summary: [11, "Summaries"],
    }),
    Numbers: message({
      dataPoints: [1, "NumberPoint", "repeated"],
      aggregationTemporality: [2, "int32"],
      isMonotonic: [3, "bool"],
    }),
    NumberPoint: {
      oneofs: { value: { oneof: ["asDouble", "asInt"] } },
      ...message({
        startTimeUnixNano: [2, "fixed64"],
        timeUnixNano: [3, "fixed64"],
        asDouble: [4, "double"],
        asInt: [6, "sfixed64"],
        attributes: [7, "KeyValue", "repeated"],
      }),
    },
    Histograms: message({
      dataPoints: [1, "HistogramPoint", "repeated"],
      aggregationTemporality: [2, "int32"],
    }),
    ExponentialHistograms: message({
      dataPoints: [1, "ExponentialHistogramPoint", "repeated"],
      aggregationTemporality: [2, "int32"],
    }),
    Summaries: message({ dataPoints: [1, "SummaryPoint", "repeated"] }),
    HistogramPoint: message({ ...DISTRIBUTION, attributes: [9, "KeyValue", "repeated"] }),
    ExponentialHistogramPoint: message({ ...DISTRIBUTION, attributes: [1, "KeyValue", "repeated"] }),
    SummaryPoint: message({ ...DISTRIBUTION, attributes: [7, "KeyValue", "repeated"] }),
    KeyValue: message({ key: [1, "string"], value: [2, "AnyValue"] }),
    // A oneof, so that an empty text, a zero and a false are values and not absent.
    AnyValue: {
      oneofs: { value: { oneof: Object.keys(ANY_VALUE) } },
      ...message(ANY_VALUE),
    },
    ArrayValue: message({ values: [1, "AnyValue", "repeated"] }),
    KeyValueList: message({ values: [1, "KeyValue", "repeated"] }),
  },
};

function message(fields: Readonly<Record<string, Field>>): { fields: Record<string, protobuf.IField> } {
  const entries = Object.entries(fields).map(([name, [id, type, rule]]): [string, protobuf.IField] => [
    name,
    rule === undefined ? { id, type } : { id, type, rule },
  ]);
  return { fields: Object.fromEntries(entries) };
}

/** Counts the messages that it gives, so that a few bytes each cannot fill the memory. */
class CountingReader extends protobuf.BufferReader {
  #left: number;

  constructor(body: Buffer, maxMessages: number) {
    super(body);
    this.#left = maxMessages;
  }

  countMessage(): void {
    this.#left -= 1;
    if (this.#left < 0) throw new TooManyMessages();
  }
}

const root = protobuf.Root.fromJSON(DESCRIPTOR);
for (const type of root.nestedArray.filter((one) => one instanceof protobuf.Type)) {
  const { decode } = type.setup();
  type.decode = function (reader, ...rest) {
    if (reader instanceof CountingReader) reader.countMessage();
    return decode.call(this, reader, ...rest);
  };
}
const REQUESTS: Readonly<Record<Signal, protobuf.Type>> = {
  traces: root.lookupType("ExportTraceServiceRequest"),
  logs: root.lookupType("ExportLogsServiceRequest"),
  metrics: root.lookupType("ExportMetricsServiceRequest"),
};
const Response = root.lookupType("ExportResponse");
const RpcStatus = root.lookupType("RpcStatus");

/** What OTLP carries. */
export type Signal = "traces" | "logs" | "metrics";

/**
 * Decodes an export request. Ids are bytes and 64-bit numbers are `Long`s in what comes back.
 *
 * @throws TooManyMessages when it holds more than `maxMessages`; Error when the bytes are no such message
 */
export function decodeRequest(signal: Signal, body: Buffer, maxMessages: number): unknown {
  return REQUESTS[signal].decode(new CountingReader(body, maxMessages));
}

/** Encodes the answer to a request of which some items were refused. */
export function encodeResponse(rejected: number, errorMessage: string): Uint8Array {
  const partialSuccess = { rejected, errorMessage };
  return Response.encode(Response.create(rejected === 0 ? {} : { partialSuccess })).finish();
}

/** Encodes a refusal, as OTLP/HTTP wants it: a google.rpc.Status. */
export function encodeStatus(text: string): Uint8Array {
  return RpcStatus.encode(RpcStatus.create({ message: text })).finish();
}
