import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import type { EndedSpan, Scope } from "../provider/ended-span.ts";
import type { SpanValue } from "../provider/value.ts";
import { SpanEncoder } from "./encode-span.ts";
import { ProtobufWriter } from "./protobuf.ts";

/** Encoded spans, ready to be sent as the body of one request. */
export interface Batch {
  readonly body: Buffer;
  readonly spans: number;
}

const CAPACITY = 256 * 1_024;
// A batch is full when a usual span might no longer fit: one that does not fit is encoded a second time.
const ROOM = 8 * 1_024;
const RESOURCE_SPANS = 0x0a;
const SCOPE_SPANS = 0x12;
const SPANS = 0x12;
const RESOURCE = 0x0a;
const RESOURCE_ATTRIBUTE = 0x0a;
const SCOPE = 0x0a;
const SCOPE_NAME = 0x0a;
const SCOPE_VERSION = 0x12;
// The resource and a scope are encoded once.
const HEAD_CAPACITY = 64 * 1_024;

/** Collects spans, encoded as they come, into batches of at most 256 KiB. */
export class BatchWriter {
  readonly #encoder: SpanEncoder;
  readonly #resource: Buffer;
  readonly #writer = new ProtobufWriter(CAPACITY);
  readonly #scopes = new WeakMap<Scope, Buffer>();
  #scope: Scope | undefined;
  #resourceStart = 0;
  #scopeStart = 0;
  #spans = 0;

  constructor(
    redactor: SerialiserRedactor,
    valueLength: number,
    resource: Readonly<Record<string, SpanValue>>,
  ) {
    this.#encoder = new SpanEncoder(redactor, valueLength);
    const attributes = Object.entries(resource);
    // The limits are those of spans.
    const whole = new SpanEncoder(redactor);
    this.#resource = encodeMessage(RESOURCE, (writer) =>
      whole.attributes(writer, RESOURCE_ATTRIBUTE, attributes.flat()),
    );
    this.#begin();
  }

  get spans(): number {
    return this.#spans;
  }

  get isFull(): boolean {
    return this.#writer.free < ROOM;
  }

  /** Adds a span; false when it does not fit into what is left of the batch. One that throws leaves nothing. */
  add(span: EndedSpan): boolean {
    const writer = this.#writer;
    const before = writer.position;
    const scopeBefore = this.#scope;
    const scopeStartBefore = this.#scopeStart;
    let whole = false;
    try {
      if (this.#scope !== span.scope) this.#openScope(span.scope);
      writer.byte(SPANS);
      const start = writer.open();
      this.#encoder.encode(span, writer);
      writer.close(start);
      whole = !writer.overflowed;
    } finally {
      // Half a span would make all that is in the batch unreadable.
      if (!whole) {
        writer.position = before;
        this.#scope = scopeBefore;
        this.#scopeStart = scopeStartBefore;
      }
    }
    if (whole) this.#spans++;
    return whole;
  }

  /** What has been collected; the next batch begins. */
  take(): Batch {
    this.#closeScope();
    this.#writer.close(this.#resourceStart);
    const batch = { body: this.#writer.copy(), spans: this.#spans };
    this.#begin();
    return batch;
  }

  #begin(): void {
    const writer = this.#writer;
    writer.position = 0;
    writer.byte(RESOURCE_SPANS);
    this.#resourceStart = writer.open();
    writer.bytes(this.#resource);
    this.#scope = undefined;
    this.#spans = 0;
  }

  #openScope(scope: Scope): void {
    this.#closeScope();
    this.#scope = scope;
    const writer = this.#writer;
    writer.byte(SCOPE_SPANS);
    this.#scopeStart = writer.open();
    let bytes = this.#scopes.get(scope);
    if (bytes === undefined) {
      bytes = encodeMessage(SCOPE, (one) => {
        one.byte(SCOPE_NAME);
        one.string(scope.name);
        one.byte(SCOPE_VERSION);
        one.string(scope.version);
      });
      this.#scopes.set(scope, bytes);
    }
    writer.bytes(bytes);
  }

  #closeScope(): void {
    if (this.#scope !== undefined) this.#writer.close(this.#scopeStart);
  }
}

function encodeMessage(tag: number, fill: (writer: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter(HEAD_CAPACITY);
  writer.byte(tag);
  const start = writer.open();
  fill(writer);
  writer.close(start);
  if (writer.overflowed) throw new RangeError("startTracing: OTEL_RESOURCE_ATTRIBUTES is too large");
  return writer.copy();
}
