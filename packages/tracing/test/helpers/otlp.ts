/** Decodes OTLP's protobuf the slow and obvious way, to check the encoder by other means than its own. */

type Field = { readonly number: number; readonly value: number | bigint | Buffer };

function* fields(bytes: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError("varint runs over the end");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: bytes.subarray(at, at + 8) };
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        if (at + length > bytes.length) throw new RangeError("message runs over the end");
        yield { number, value: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      case 5:
        yield { number, value: bytes.readUInt32LE(at) };
        at += 4;
        break;
      default:
        throw new RangeError(`wire type ${tag & 7}`);
    }
  }
}

/** A span as it was received. */
export interface ReceivedSpan {
  readonly scope: string;
  readonly resource: Readonly<Record<string, unknown>>;
  traceId: string;
  spanId: string;
  traceState: string;
  parentSpanId: string | undefined;
  name: string;
  kind: number;
  startNs: bigint;
  endNs: bigint;
  readonly attributes: Record<string, unknown>;
  readonly events: ReceivedEvent[];
  readonly links: ReceivedLink[];
  status: number;
  statusMessage: string;
  flags: number;
  droppedAttributes: number;
  droppedEvents: number;
  droppedLinks: number;
}

export interface ReceivedEvent {
  name: string;
  atNs: bigint;
  readonly attributes: Record<string, unknown>;
}

export interface ReceivedLink {
  traceId: string;
  spanId: string;
  traceState: string;
  readonly attributes: Record<string, unknown>;
}

const hex = (value: Field["value"]): string => (value as Buffer).toString("hex");
const text = (value: Field["value"]): string => (value as Buffer).toString();
const nanoseconds = (value: Field["value"]): bigint => (value as Buffer).readBigUInt64LE();

function only(bytes: Buffer, wanted: number): Buffer[] {
  return [...fields(bytes)].filter((one) => one.number === wanted).map((one) => one.value as Buffer);
}

/** The spans of an ExportTraceServiceRequest. */
export function decodeRequest(body: Buffer): ReceivedSpan[] {
  const spans: ReceivedSpan[] = [];
  for (const resourceSpans of only(body, 1)) {
    const resource: Record<string, unknown> = {};
    for (const one of only(resourceSpans, 1)) for (const pair of only(one, 1)) addPair(resource, pair);
    for (const scopeSpans of only(resourceSpans, 2)) {
      const [scope = Buffer.alloc(0)] = only(scopeSpans, 1);
      const [name = Buffer.alloc(0)] = only(scope, 1);
      for (const span of only(scopeSpans, 2)) spans.push(decodeSpan(span, name.toString(), resource));
    }
  }
  return spans;
}

function decodeSpan(bytes: Buffer, scope: string, resource: Record<string, unknown>): ReceivedSpan {
  const span: ReceivedSpan = {
    scope,
    resource,
    traceId: "",
    spanId: "",
    traceState: "",
    parentSpanId: undefined,
    name: "",
    kind: 0,
    startNs: 0n,
    endNs: 0n,
    attributes: {},
    events: [],
    links: [],
    status: 0,
    statusMessage: "",
    flags: 0,
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
  };
  for (const { number, value } of fields(bytes)) {
    if (number === 1) span.traceId = hex(value);
    else if (number === 2) span.spanId = hex(value);
    else if (number === 3) span.traceState = text(value);
    else if (number === 4) span.parentSpanId = hex(value);
    else if (number === 5) span.name = text(value);
    else if (number === 6) span.kind = Number(value);
    else if (number === 7) span.startNs = nanoseconds(value);
    else if (number === 8) span.endNs = nanoseconds(value);
    else if (number === 9) addPair(span.attributes, value as Buffer);
    else if (number === 10) span.droppedAttributes = Number(value);
    else if (number === 11) span.events.push(decodeEvent(value as Buffer));
    else if (number === 12) span.droppedEvents = Number(value);
    else if (number === 13) span.links.push(decodeLink(value as Buffer));
    else if (number === 14) span.droppedLinks = Number(value);
    else if (number === 15) Object.assign(span, decodeStatus(value as Buffer));
    else if (number === 16) span.flags = Number(value);
    else throw new RangeError(`span field ${number}`);
  }
  return span;
}

function decodeEvent(bytes: Buffer): ReceivedEvent {
  const event: ReceivedEvent = { name: "", atNs: 0n, attributes: {} };
  for (const { number, value } of fields(bytes)) {
    if (number === 1) event.atNs = nanoseconds(value);
    else if (number === 2) event.name = text(value);
    else if (number === 3) addPair(event.attributes, value as Buffer);
  }
  return event;
}

function decodeLink(bytes: Buffer): ReceivedLink {
  const link: ReceivedLink = { traceId: "", spanId: "", traceState: "", attributes: {} };
  for (const { number, value } of fields(bytes)) {
    if (number === 1) link.traceId = hex(value);
    else if (number === 2) link.spanId = hex(value);
    else if (number === 3) link.traceState = text(value);
    else if (number === 4) addPair(link.attributes, value as Buffer);
  }
  return link;
}

function decodeStatus(bytes: Buffer): { status: number; statusMessage: string } {
  const found = { status: 0, statusMessage: "" };
  for (const { number, value } of fields(bytes)) {
    if (number === 2) found.statusMessage = text(value);
    else if (number === 3) found.status = Number(value);
  }
  return found;
}

function addPair(target: Record<string, unknown>, bytes: Buffer): void {
  const [key = Buffer.alloc(0)] = only(bytes, 1);
  const [value = Buffer.alloc(0)] = only(bytes, 2);
  target[key.toString()] = decodeValue(value);
}

function decodeValue(bytes: Buffer): unknown {
  for (const { number, value } of fields(bytes)) {
    if (number === 1) return text(value);
    if (number === 2) return value === 1n;
    if (number === 3) return Number(BigInt.asIntN(64, value as bigint));
    if (number === 4) return (value as Buffer).readDoubleLE();
    if (number === 5) return only(value as Buffer, 1).map(decodeValue);
    if (number === 6) {
      const map: Record<string, unknown> = {};
      for (const pair of only(value as Buffer, 1)) addPair(map, pair);
      return map;
    }
    if (number === 7) return value;
  }
  return null;
}
