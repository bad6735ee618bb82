import { type AttributeValue, type Context, type Span as OtelSpan, SpanStatusCode } from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { addBaggage, baggageOf } from "../context/span-baggage.ts";
import { textOf } from "../provider/value.ts";
import { outgoing, outgoingName, setOutgoing } from "../running/outgoing.ts";
import { errorKind, recordError } from "../running/record-error.ts";
import { SpanContext } from "./span-context.ts";
import { errorTag, type Tags, toAttribute, toAttributes } from "./tags.ts";
import type { Tracer } from "./tracer.ts";

/** Told of the end of a span: the type of error if it failed, and when it ended if that was given. */
export type Finished = (failure: string | undefined, atMs: number | undefined) => void;

/** OpenTracing's span, over OpenTelemetry's. */
export class Span {
  /** OpenTelemetry's span underneath. */
  readonly otel: OtelSpan;
  readonly #context: Context;
  readonly #tracer: Tracer;
  #finished: Finished | undefined;
  #failure: string | undefined;

  /** @internal `context` holds the span; `finished` is told once. */
  constructor(tracer: Tracer, otel: OtelSpan, context: Context, finished?: Finished) {
    this.#tracer = tracer;
    this.otel = otel;
    this.#context = context;
    this.#finished = finished;
  }

  /** What of the span travels. A later {@link setBaggageItem} is not in it. */
  context(): SpanContext {
    return new SpanContext(this.otel.spanContext(), baggageOf(this.#context));
  }

  /** The tracer that made it. */
  tracer(): Tracer {
    return this.#tracer;
  }

  /** Renames the span. */
  setOperationName(name: string): this {
    this.otel.updateName(outgoingName(textOf(name)));
    return this;
  }

  /** Adds an entry to the baggage: it goes to every child and service from here on. */
  setBaggageItem(key: string, value: string): this {
    addBaggage(this.otel, this.#context, textOf(key), textOf(value));
    return this;
  }

  /** A baggage entry, its parents' included. */
  getBaggageItem(key: string): string | undefined {
    return baggageOf(this.#context)?.getEntry(key)?.value;
  }

  /** Sets a tag. `error: true` marks the span as failed. */
  setTag(key: string, value: unknown): this {
    if (key === "error") this.#setError(value);
    else {
      const attribute = toAttribute(value);
      if (attribute !== undefined) setOutgoing(this.otel, key, attribute);
    }
    return this;
  }

  /** Sets many tags. */
  addTags(tags: Tags): this {
    const attributes = toAttributes(tags);
    for (const key in attributes) this.setTag(key, attributes[key]);
    return this;
  }

  /**
   * Logs an event at `timestampMs` (since 1970; now when left out). The field `event` names it; with
   * `error.object`, or `event: "error"`, it is an exception.
   */
  log(fields: Tags, timestampMs?: number): this {
    try {
      this.#record(fields ?? {}, timestampMs);
    } catch (error) {
      // A getter or Proxy of the service's own threw.
      reportFault("WHODUNIT_LOG_FIELDS", error);
    }
    return this;
  }

  /** Logs an event with a payload; {@link log} in its older form. */
  logEvent(event: string, payload: unknown): void {
    this.log({ event, payload });
  }

  /** Ends the span at `finishTimeMs` (since 1970; now when left out). Ending it again does nothing. */
  finish(finishTimeMs?: number): void {
    const finished = this.#finished;
    if (finished === done) return;
    this.#finished = done;
    finished?.(this.#failure, finishTimeMs);
    this.otel.end(finishTimeMs);
  }

  /** @internal The context in which this span is the active one. */
  enter(): Context {
    return this.#context;
  }

  /** @internal Records what was thrown and marks the span as failed. */
  fail(error: unknown): void {
    this.#failure = errorKind(error);
    recordError(this.otel, error);
    this.otel.setAttribute("error.type", this.#failure);
    this.otel.setStatus({ code: SpanStatusCode.ERROR });
  }

  #record(fields: Tags, timestampMs: number | undefined): void {
    const { event, "error.object": thrown } = fields;
    const attributes = toAttributes(fields);
    delete attributes.event;
    if (thrown !== undefined) {
      delete attributes["error.object"];
      recordError(this.otel, thrown, attributes, timestampMs);
      return;
    }
    if (event === "error") rename(attributes);
    const name = event === "error" ? "exception" : outgoingName(textOf(event ?? "log"));
    this.otel.addEvent(name, outgoing(attributes), timestampMs);
  }

  #setError(value: unknown): void {
    const error = errorTag(value);
    if (error === undefined) return;
    this.#failure = error ? "error" : undefined;
    this.otel.setStatus({ code: error ? SpanStatusCode.ERROR : SpanStatusCode.OK });
  }
}

const done = (): void => {};

// OpenTracing semantic conventions 1.1 (log fields) to OpenTelemetry's exception event.
const EXCEPTION_FIELDS = [
  ["error.kind", "exception.type"],
  ["message", "exception.message"],
  ["stack", "exception.stacktrace"],
] as const;

function rename(attributes: Record<string, AttributeValue | undefined>): void {
  for (const [from, to] of EXCEPTION_FIELDS) {
    if (attributes[from] === undefined) continue;
    attributes[to] = attributes[from];
    delete attributes[from];
  }
}
