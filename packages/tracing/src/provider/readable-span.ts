import type {
  Attributes,
  AttributeValue,
  Exception,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanKind,
  SpanStatus,
  TimeInput,
} from "@opentelemetry/api";
import { createTraceState, TraceFlags } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan, Span as SdkSpan, TimedEvent } from "@opentelemetry/sdk-trace";
import { SCAN, type SerialiserRedactor } from "@whodunit/redaction/serialiser";
import type { EndedSpan, FlatAttributes } from "./ended-span.ts";
import type { RecordedSpan } from "./recorded-span.ts";
import type { SpanValue } from "./value.ts";

/** What a span is read with. */
export interface Reading {
  readonly redactor: SerialiserRedactor;
  /** Where text and bytes in attributes are cut. */
  readonly valueLength: number;
  readonly resource: Resource;
}

/** A span that has ended as OpenTelemetry's exporters read it: a copy, redacted. */
export function readableSpan(span: EndedSpan, reading: Reading): ReadableSpan {
  const { redactor, resource } = reading;
  const context = cleanContext(span.spanContext(), redactor);
  return {
    name: redactor.redactText(span.name),
    kind: span.kind,
    spanContext: () => context,
    ...(span.parent === undefined ? {} : { parentSpanContext: cleanContext(span.parent, redactor) }),
    startTime: hrTime(span.startMs),
    endTime: hrTime(span.endMs),
    duration: hrTime(span.endMs - span.startMs),
    ended: true,
    ...readParts(span, reading),
    resource,
    instrumentationScope: span.scope,
    droppedAttributesCount: span.droppedAttributes,
    droppedEventsCount: span.droppedEvents,
    droppedLinksCount: span.droppedLinks,
  };
}

type Parts = Pick<ReadableSpan, "status" | "attributes" | "events" | "links">;

function readParts(span: EndedSpan, { redactor, valueLength }: Reading): Parts {
  const attributes = (flat: FlatAttributes): Attributes => readAttributes(flat, redactor, valueLength);
  const status: SpanStatus =
    span.statusMessage === ""
      ? { code: span.statusCode }
      : { code: span.statusCode, message: redactor.redactText(span.statusMessage) };
  return {
    status,
    attributes: attributes(span.attributes),
    events: span.events.map(
      (event): TimedEvent => ({
        name: redactor.redactText(event.name),
        time: hrTime(event.atMs),
        attributes: attributes(event.attributes),
      }),
    ),
    links: span.links.map(
      (link): Link => ({
        context: cleanContext(link.context, redactor),
        attributes: attributes(link.attributes),
      }),
    ),
  };
}

/**
 * A span as OpenTelemetry's processors get it: written to as it goes on, read redacted. When it has ended it holds what
 * {@link readableSpan} gives.
 */
export class LiveSpan implements SdkSpan {
  readonly #span: RecordedSpan;
  readonly #reading: Reading;

  constructor(span: RecordedSpan, reading: Reading) {
    this.#span = span;
    this.#reading = reading;
  }

  /** Makes what is read now what stays. A span that was taken back says that it is not sampled: nobody is to send it. */
  settle(): void {
    const whole = readableSpan(this.#span, this.#reading);
    if (this.#span.discarded) {
      const context = { ...whole.spanContext(), traceFlags: TraceFlags.NONE };
      Object.assign(whole, { spanContext: () => context });
    }
    for (const [name, value] of Object.entries(whole)) {
      Object.defineProperty(this, name, { value, enumerable: true, writable: true, configurable: true });
    }
  }

  get name(): string {
    return this.#reading.redactor.redactText(this.#span.name);
  }

  get kind(): SpanKind {
    return this.#span.kind;
  }

  get parentSpanContext(): SpanContext {
    // Undefined where there is none, as in the SDK; its type has it optional, which a getter cannot be.
    return this.#span.parent as SpanContext;
  }

  get startTime(): HrTime {
    return hrTime(this.#span.startMs);
  }

  get endTime(): HrTime {
    return [0, 0];
  }

  get duration(): HrTime {
    return [0, 0];
  }

  get ended(): boolean {
    return false;
  }

  get status(): SpanStatus {
    return this.#read.status;
  }

  get attributes(): Attributes {
    return this.#read.attributes;
  }

  get events(): TimedEvent[] {
    return this.#read.events;
  }

  get links(): Link[] {
    return this.#read.links;
  }

  get resource(): Resource {
    return this.#reading.resource;
  }

  get instrumentationScope(): ReadableSpan["instrumentationScope"] {
    return this.#span.scope;
  }

  get droppedAttributesCount(): number {
    return this.#span.droppedAttributes;
  }

  get droppedEventsCount(): number {
    return this.#span.droppedEvents;
  }

  get droppedLinksCount(): number {
    return this.#span.droppedLinks;
  }

  spanContext(): SpanContext {
    return cleanContext(this.#span.spanContext(), this.#reading.redactor);
  }

  isRecording(): boolean {
    return this.#span.isRecording();
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#span.setAttribute(key, value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    this.#span.setAttributes(attributes);
    return this;
  }

  addEvent(...event: Parameters<Span["addEvent"]>): this {
    this.#span.addEvent(...event);
    return this;
  }

  addLink(link: Link): this {
    this.#span.addLink(link);
    return this;
  }

  addLinks(links: Link[]): this {
    this.#span.addLinks(links);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.#span.setStatus(status);
    return this;
  }

  updateName(name: string): this {
    this.#span.updateName(name);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#span.recordException(exception, time);
  }

  end(endTime?: TimeInput): void {
    this.#span.end(endTime);
  }

  get #read(): Parts {
    return readParts(this.#span, this.#reading);
  }
}

/** Attributes as a record, redacted and cut. */
export function readAttributes(
  flat: FlatAttributes,
  redactor: SerialiserRedactor,
  valueLength: number,
): Attributes {
  const text = (value: string): string =>
    value.length > valueLength ? redactor.redactText(value, valueLength) : redactor.redactText(value);
  const readValue = (value: SpanValue): SpanValue => {
    if (typeof value === "string") return text(value);
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Uint8Array) {
      const bytes = Buffer.from(value);
      // Text in bytes is no less text.
      if (redactor.inspect(bytes.toString("latin1")) === SCAN) return text(bytes.toString());
      return value.subarray(0, valueLength);
    }
    if (Array.isArray(value)) return value.map(readValue);
    return readEntries(Object.entries(value as Record<string, SpanValue>));
  };
  const readEntries = (entries: Iterable<readonly [string, SpanValue]>): Record<string, SpanValue> => {
    const read: [string, SpanValue][] = [];
    for (const [key, value] of entries) {
      const shown = redactor.sensitiveKey(key)
        ? (redactor.standIn(key, value) as SpanValue | undefined)
        : value;
      if (shown !== undefined) read.push([redactor.redactText(key), readValue(shown)]);
    }
    // Not by assignment: a key may be `__proto__`.
    return Object.fromEntries(read);
  };
  return readEntries(pairs(flat)) as Attributes;
}

function* pairs(flat: FlatAttributes): Generator<readonly [string, SpanValue]> {
  for (let i = 0; i < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as SpanValue];
}

// What callers say in a trace state is theirs, and may be anything.
function cleanContext(context: SpanContext, redactor: SerialiserRedactor): SpanContext {
  const state = context.traceState?.serialize();
  if (!state) return context;
  const clean = redactor.redactText(state);
  return clean === state ? context : { ...context, traceState: createTraceState(clean) };
}

// The same microseconds and rest as the encoder writes.
function hrTime(ms: number): HrTime {
  const micros = Math.floor(ms * 1_000);
  const seconds = Math.floor(micros / 1e6);
  return [seconds, (micros - seconds * 1e6) * 1_000 + Math.floor((ms * 1_000 - micros) * 1_000)];
}
