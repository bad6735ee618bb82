import type { SpanContext } from "@opentelemetry/api";
import { SCAN, type SerialiserRedactor } from "@whodunit/redaction/serialiser";
import type { EndedSpan, FlatAttributes } from "../provider/ended-span.ts";
import type { SpanValue } from "../provider/value.ts";
import { KnownKey } from "./known-key.ts";
import { lengthBytes, ProtobufWriter } from "./protobuf.ts";

/*
 * Field tags of opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto (OTLP 1.x):
 * (field number << 3) | wire type; 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32.
 */
const SPAN_TRACE_ID = 0x0a;
const SPAN_ID = 0x12;
const SPAN_TRACE_STATE = 0x1a;
const SPAN_PARENT_ID = 0x22;
const SPAN_NAME = 0x2a;
const SPAN_KIND = 0x30;
const SPAN_START = 0x39;
const SPAN_END = 0x41;
const SPAN_ATTRIBUTE = 0x4a;
const SPAN_DROPPED_ATTRIBUTES = 0x50;
const SPAN_EVENT = 0x5a;
const SPAN_DROPPED_EVENTS = 0x60;
const SPAN_LINK = 0x6a;
const SPAN_DROPPED_LINKS = 0x70;
const SPAN_STATUS = 0x7a;
const SPAN_FLAGS = [0x85, 0x01] as const;
const EVENT_TIME = 0x09;
const EVENT_NAME = 0x12;
const EVENT_ATTRIBUTE = 0x1a;
const LINK_TRACE_ID = 0x0a;
const LINK_SPAN_ID = 0x12;
const LINK_TRACE_STATE = 0x1a;
const LINK_ATTRIBUTE = 0x22;
const STATUS_MESSAGE = 0x12;
const STATUS_CODE = 0x18;
const KEY = 0x0a;
const VALUE = 0x12;
const VALUE_STRING = 0x0a;
const VALUE_BOOL = 0x10;
const VALUE_INT = 0x18;
const VALUE_DOUBLE = 0x21;
const VALUE_ARRAY = 0x2a;
const VALUE_MAP = 0x32;
const VALUE_BYTES = 0x3a;
// ArrayValue.values and KeyValueList.values alike.
const LIST_ITEM = 0x0a;
// Span.flags: bits 8 and 9 say that it is known whether the parent is remote, and that it is.
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const KEYS_MAX = 2_000;
// Below this many bytes of key and value, all lengths of an attribute are below 128.
const SMALL = 116;

/** Encodes ended spans as OTLP, redacted on the way into bytes: nowhere else are they kept. */
export class SpanEncoder {
  readonly #redactor: SerialiserRedactor;
  readonly #valueLength: number;
  readonly #keys = new Map<string, KnownKey>();
  // Where a list of attributes begins.
  readonly #opening: Pick<KnownKey, "follower"> = { follower: undefined };
  readonly #table = { bytes: 0 };
  // As they are written, their length in front.
  readonly #names = new Map<string, Uint8Array>();
  // What is redacted is counted each time, and so worked out each time.
  #redacted = false;

  /** @param valueLength where text and bytes in attributes are cut */
  constructor(redactor: SerialiserRedactor, valueLength: number = Number.POSITIVE_INFINITY) {
    this.#redactor = redactor;
    this.#valueLength = valueLength;
  }

  /** Writes the span as the message that `Span` is, without its own tag and length. */
  encode(span: EndedSpan, writer: ProtobufWriter): void {
    const context = span.spanContext();
    writer.id(SPAN_TRACE_ID, context.traceId);
    writer.id(SPAN_ID, context.spanId);
    this.#traceState(writer, SPAN_TRACE_STATE, context);
    if (span.parent !== undefined) writer.id(SPAN_PARENT_ID, span.parent.spanId);
    writer.byte(SPAN_NAME);
    const name = this.#names.get(span.name);
    if (name === undefined) this.#newName(writer, span.name);
    else writer.bytes(name);
    writer.byte(SPAN_KIND);
    writer.byte(span.kind + 1);
    writer.byte(SPAN_START);
    writer.nanoseconds(span.startMs);
    writer.byte(SPAN_END);
    writer.nanoseconds(span.endMs);
    this.attributes(writer, SPAN_ATTRIBUTE, span.attributes);
    writer.count(SPAN_DROPPED_ATTRIBUTES, span.droppedAttributes);
    if (span.events.length > 0) this.#events(writer, span);
    writer.count(SPAN_DROPPED_EVENTS, span.droppedEvents);
    if (span.links.length > 0) this.#links(writer, span);
    writer.count(SPAN_DROPPED_LINKS, span.droppedLinks);
    if (span.statusCode !== 0) this.#status(writer, span);
    writer.byte(SPAN_FLAGS[0]);
    writer.byte(SPAN_FLAGS[1]);
    writer.fixed32(context.traceFlags | HAS_IS_REMOTE | (span.parent?.isRemote === true ? IS_REMOTE : 0));
  }

  /** Names are few and come again: one that holds no secret is looked through once. */
  #newName(writer: ProtobufWriter, name: string): void {
    this.#redacted = false;
    const start = writer.position;
    writer.string(this.#clean(name));
    if (this.#redacted || name.length > SMALL || this.#names.size >= KEYS_MAX) return;
    const encoded = writer.copyFrom(start);
    if (encoded !== undefined) this.#names.set(name, encoded);
  }

  /** What callers say in it is theirs, and may be anything. */
  #traceState(writer: ProtobufWriter, tag: number, context: SpanContext): void {
    const state = context.traceState?.serialize();
    if (!state) return;
    writer.byte(tag);
    writer.string(this.#clean(state));
  }

  #events(writer: ProtobufWriter, span: EndedSpan): void {
    for (const event of span.events) {
      writer.byte(SPAN_EVENT);
      const start = writer.open();
      writer.byte(EVENT_TIME);
      writer.nanoseconds(event.atMs);
      writer.byte(EVENT_NAME);
      writer.string(this.#clean(event.name));
      this.attributes(writer, EVENT_ATTRIBUTE, event.attributes);
      writer.close(start);
    }
  }

  #links(writer: ProtobufWriter, span: EndedSpan): void {
    for (const { context, attributes } of span.links) {
      writer.byte(SPAN_LINK);
      const start = writer.open();
      writer.id(LINK_TRACE_ID, context.traceId);
      writer.id(LINK_SPAN_ID, context.spanId);
      this.#traceState(writer, LINK_TRACE_STATE, context);
      this.attributes(writer, LINK_ATTRIBUTE, attributes);
      writer.close(start);
    }
  }

  #status(writer: ProtobufWriter, span: EndedSpan): void {
    writer.byte(SPAN_STATUS);
    const start = writer.open();
    if (span.statusMessage !== "") {
      writer.byte(STATUS_MESSAGE);
      writer.string(this.#clean(span.statusMessage));
    }
    writer.byte(STATUS_CODE);
    // The API counts UNSET, OK, ERROR as OTLP does.
    writer.byte(span.statusCode);
    writer.close(start);
  }

  /** Writes attributes as `KeyValue` messages under `tag`. */
  attributes(writer: ProtobufWriter, tag: number, attributes: FlatAttributes): void {
    let before = this.#opening;
    for (let i = 0; i < attributes.length; i += 2) {
      const key = attributes[i] as string;
      let known = before.follower;
      if (known === undefined || known.name !== key) {
        known = this.#keys.get(key);
        if (known === undefined) known = this.#learn(key);
        else before.follower = known;
      }
      before = known;
      const value = attributes[i + 1] as SpanValue;
      const encoded = known.encoded(value);
      if (encoded !== undefined) {
        writer.byte(tag);
        writer.bytes(encoded);
        continue;
      }
      const shown = known.sensitive ? (this.#redactor.standIn(key, value) as SpanValue | undefined) : value;
      if (shown === undefined) continue;
      writer.byte(tag);
      this.#attribute(writer, known, shown);
    }
  }

  #attribute(writer: ProtobufWriter, known: KnownKey, value: SpanValue): void {
    this.#redacted = false;
    // Before the length is chosen: a stand-in may be longer than what it stands for.
    const shown = typeof value === "string" ? this.#shorten(value) : value;
    const small = known.bytes.length + mostBytes(shown) < SMALL;
    const start = writer.open(small);
    writer.bytes(known.bytes);
    writer.byte(VALUE);
    this.#value(writer, shown, small);
    writer.close(start, small);
    if (this.#redacted || known.sensitive || !known.keeps(shown, small)) return;
    const encoded = writer.copyFrom(start - lengthBytes(small));
    if (encoded !== undefined) known.keep(value, encoded, this.#table);
  }

  /** Text of its own has been redacted and cut by now. */
  #value(writer: ProtobufWriter, value: SpanValue, small: boolean): void {
    const start = writer.open(small);
    switch (typeof value) {
      case "string":
        writer.byte(VALUE_STRING);
        writer.string(value);
        break;
      case "boolean":
        writer.byte(VALUE_BOOL);
        writer.byte(value ? 1 : 0);
        break;
      case "number":
        number(writer, value);
        break;
      case "object":
        if (value !== null) this.#object(writer, value);
        break;
    }
    writer.close(start, small);
  }

  #object(writer: ProtobufWriter, value: object): void {
    if (value instanceof Uint8Array) {
      this.#bytes(writer, value);
      return;
    }
    writer.byte(Array.isArray(value) ? VALUE_ARRAY : VALUE_MAP);
    const start = writer.open();
    if (Array.isArray(value)) {
      for (const item of value as readonly SpanValue[]) {
        writer.byte(LIST_ITEM);
        this.#value(writer, typeof item === "string" ? this.#shorten(item) : item, false);
      }
    } else {
      this.attributes(writer, LIST_ITEM, Object.entries(value as Record<string, SpanValue>).flat());
    }
    writer.close(start);
  }

  #bytes(writer: ProtobufWriter, value: Uint8Array): void {
    // Text in bytes is no less text.
    if (this.#redactor.inspect(Buffer.from(value).toString("latin1")) === SCAN) {
      writer.byte(VALUE_STRING);
      writer.string(this.#redactor.redactText(Buffer.from(value).toString(), this.#valueLength));
      return;
    }
    writer.byte(VALUE_BYTES);
    const start = writer.open();
    writer.bytes(value.subarray(0, this.#valueLength));
    writer.close(start);
  }

  /** The text of a value, redacted before it is cut: half a secret might pass for none. */
  #shorten(text: string): string {
    if (text.length <= this.#valueLength) return this.#clean(text);
    // Too long to be worth keeping.
    this.#redacted = true;
    return this.#redactor.redactText(text, this.#valueLength);
  }

  #clean(text: string): string {
    if (this.#redactor.inspect(text) !== SCAN) return text;
    const shown = this.#redactor.redactText(text);
    if (shown !== text) this.#redacted = true;
    return shown;
  }

  #learn(key: string): KnownKey {
    const text = this.#clean(key);
    const writer = new ProtobufWriter(text.length * 3 + 8);
    writer.byte(KEY);
    writer.string(text);
    const bytes = writer.copy();
    const known = new KnownKey(key, bytes, this.#redactor.sensitiveKey(key));
    // Keys made of values would fill the table; those beyond are worked out each time.
    if (this.#keys.size < KEYS_MAX) this.#keys.set(key, known);
    return known;
  }
}

/** The most bytes a value can take, without its tags and lengths; of arrays nothing is known. */
function mostBytes(value: SpanValue): number {
  if (typeof value === "string") return value.length * 3;
  return typeof value === "object" ? SMALL : 10;
}

function number(writer: ProtobufWriter, value: number): void {
  if (Number.isSafeInteger(value)) {
    writer.byte(VALUE_INT);
    writer.int64(value);
  } else {
    writer.byte(VALUE_DOUBLE);
    writer.double(value);
  }
}
