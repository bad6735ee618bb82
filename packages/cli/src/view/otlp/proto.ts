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

/** A request of many messages with hardly anything in them: each takes much more memory than bytes. */
export class TooManyMessages extends Error {}

/**
 * The part of OTLP that carries traces, as protobufjs wants it.
 * Source: opentelemetry-proto 1.9, trace/v1, common/v1, resource/v1, collector/trace/v1 and google.rpc.Status.
 */
const DESCRIPTOR = {
  nested: {
    ExportTraceServiceRequest: message({ resourceSpans: [1, "ResourceSpans", "repeated"] }),
    ExportTraceServiceResponse: message({ partialSuccess: [1, "PartialSuccess"] }),
    PartialSuccess: message({ rejectedSpans: [1, "int64"], errorMessage: [2, "string"] }),
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
const Request = root.lookupType("ExportTraceServiceRequest");
const Response = root.lookupType("ExportTraceServiceResponse");
const RpcStatus = root.lookupType("RpcStatus");

/**
 * Decodes an ExportTraceServiceRequest. Ids are bytes and 64-bit numbers are `Long`s in what comes back.
 *
 * @throws TooManyMessages when it holds more than `maxMessages`; Error when the bytes are no such message
 */
export function decodeRequest(body: Buffer, maxMessages: number): unknown {
  return Request.decode(new CountingReader(body, maxMessages));
}

/** Encodes the answer to a request of which `rejected` spans were refused. */
export function encodeResponse(rejected: number, errorMessage: string): Uint8Array {
  const partialSuccess = { rejectedSpans: rejected, errorMessage };
  return Response.encode(Response.create(rejected === 0 ? {} : { partialSuccess })).finish();
}

/** Encodes a refusal, as OTLP/HTTP wants it: a google.rpc.Status. */
export function encodeStatus(text: string): Uint8Array {
  return RpcStatus.encode(RpcStatus.create({ message: text })).finish();
}
