import {
  type AnyValue,
  type Attributes,
  type Exception,
  isSpanContextValid,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from "@opentelemetry/api";
import { errorType } from "@whodunit/core";
import { type Clock, toWallMs } from "../running/system-clock.ts";
import type { Discardable, EndedSpan, Scope, SpanEvent, SpanLink } from "./ended-span.ts";
import type { SpanLimits } from "./limits.ts";
import { cleanValue, type SpanValue, textOf } from "./value.ts";

// Most spans have no events and no links: one empty list serves them all, and is never written to.
const NO_EVENTS: SpanEvent[] = [];
const NO_LINKS: SpanLink[] = [];

// No time there is: a clock of a test may stand at 0.
const NOT_ENDED = Number.NEGATIVE_INFINITY;

/** What a span begins with. */
export interface SpanStart {
  readonly scope: Scope;
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startTime: TimeInput | undefined;
  readonly limits: SpanLimits;
  readonly clock: Clock;
  /** Told once, when it has ended. */
  readonly ended: (span: RecordedSpan) => void;
}

/** A span that records; lean, because every request has one. */
export class RecordedSpan implements Span, EndedSpan, Discardable {
  readonly scope: Scope;
  readonly kind: SpanKind;
  readonly parent: SpanContext | undefined;
  readonly startMs: number;
  name: string;
  endMs: number = NOT_ENDED;
  readonly attributes: SpanValue[] = [];
  events: SpanEvent[] = NO_EVENTS;
  links: SpanLink[] = NO_LINKS;
  droppedAttributes = 0;
  droppedEvents = 0;
  droppedLinks = 0;
  statusCode: SpanStatusCode = SpanStatusCode.UNSET;
  statusMessage = "";
  /** Whether it was taken back: it must reach no sink. */
  discarded = false;
  readonly #context: SpanContext;
  readonly #limits: SpanLimits;
  readonly #clock: Clock;
  readonly #ended: (span: RecordedSpan) => void;
  /** Monotonic time of the start; NaN where the start was given, and cannot be measured from. */
  readonly #startedAt: number;

  constructor(start: SpanStart) {
    this.scope = start.scope;
    this.name = textOf(start.name);
    this.kind = start.kind;
    this.parent = start.parent;
    this.#context = start.context;
    this.#limits = start.limits;
    this.#clock = start.clock;
    this.#ended = start.ended;
    if (start.startTime === undefined) {
      this.#startedAt = start.clock.monotonicMs();
      this.startMs = start.clock.wallMs(this.#startedAt);
    } else {
      this.#startedAt = Number.NaN;
      this.startMs = toWallMs(start.startTime, start.clock);
    }
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return this.endMs === NOT_ENDED;
  }

  setAttribute(key: string, value: AnyValue): this {
    if (this.endMs !== NOT_ENDED) return this;
    const cleaned = cleanValue(value, this.#limits.valueLength);
    if (cleaned === undefined || typeof key !== "string" || key === "") return this;
    const { attributes } = this;
    for (let i = 0; i < attributes.length; i += 2) {
      if (attributes[i] !== key) continue;
      attributes[i + 1] = cleaned;
      return this;
    }
    this.#push(key, cleaned);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    if (this.endMs !== NOT_ENDED) return this;
    try {
      // Most spans get all their attributes at once, and then none of the keys is there already.
      const isFirst = this.attributes.length === 0;
      for (const key in attributes) {
        const value = attributes[key];
        if (!isFirst) this.setAttribute(key, value);
        else if (key !== "") this.#push(key, cleanValue(value, this.#limits.valueLength));
      }
    } catch {
      // A getter or Proxy of the service's own threw; what was read before it is kept.
    }
    return this;
  }

  addEvent(name: string, second?: Attributes | TimeInput, third?: TimeInput): this {
    if (this.endMs !== NOT_ENDED) return this;
    const timed = isTime(second);
    const time = timed ? second : third;
    const event = {
      name: textOf(name),
      atMs: time === undefined ? this.#nowMs() : toWallMs(time, this.#clock),
      attributes: this.#flat(timed ? undefined : second, this.#limits.eventAttributes),
    };
    if (this.events === NO_EVENTS) this.events = [];
    if (this.events.length < this.#limits.events) this.events.push(event);
    else this.droppedEvents++;
    return this;
  }

  addLink(link: Link): this {
    if (this.endMs !== NOT_ENDED) return this;
    if (this.links === NO_LINKS) this.links = [];
    const own = this.#linkOf(link);
    if (own !== undefined && this.links.length < this.#limits.links) this.links.push(own);
    else this.droppedLinks++;
    return this;
  }

  addLinks(links: Link[]): this {
    try {
      for (const link of links) this.addLink(link);
    } catch {
      // It is no list, or a Proxy of the service's own threw.
    }
    return this;
  }

  /** OK is final, and UNSET changes nothing (OpenTelemetry trace API, set status). */
  setStatus(status: SpanStatus): this {
    if (this.endMs !== NOT_ENDED || this.statusCode === SpanStatusCode.OK) return this;
    try {
      const { code, message } = status;
      if (code !== SpanStatusCode.OK && code !== SpanStatusCode.ERROR) return this;
      const isError = code === SpanStatusCode.ERROR;
      this.statusMessage = isError && typeof message === "string" ? message : "";
      this.statusCode = code;
    } catch {
      // There is none, or a getter of the service's own threw.
    }
    return this;
  }

  updateName(name: string): this {
    if (this.endMs === NOT_ENDED) this.name = textOf(name);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes: Attributes = { "exception.type": errorType(exception) };
    try {
      if (typeof exception === "string") attributes["exception.message"] = exception;
      else {
        if (exception?.message) attributes["exception.message"] = exception.message;
        if (exception?.stack) attributes["exception.stacktrace"] = exception.stack;
      }
    } catch {
      // What cannot be read of it is still an exception of this type.
    }
    this.addEvent("exception", attributes, time);
  }

  end(endTime?: TimeInput): void {
    if (this.endMs !== NOT_ENDED) return;
    const endMs = endTime === undefined ? this.#nowMs() : toWallMs(endTime, this.#clock);
    // A span cannot end before it starts; receivers refuse one that does.
    this.endMs = Math.max(endMs, this.startMs);
    this.#ended(this);
  }

  discard(): void {
    if (this.endMs !== NOT_ENDED) return;
    this.endMs = this.startMs;
    this.discarded = true;
    this.#ended(this);
  }

  #push(key: string, value: SpanValue | undefined): void {
    if (value === undefined) return;
    if (this.attributes.length < this.#limits.attributes * 2) this.attributes.push(key, value);
    else this.droppedAttributes++;
  }

  #nowMs(): number {
    const now = this.#clock.monotonicMs();
    return Number.isNaN(this.#startedAt) ? this.#clock.wallMs(now) : this.startMs + (now - this.#startedAt);
  }

  /** The link as it is kept, where it leads to a span: receivers refuse a whole batch for ids that are none. */
  #linkOf(link: Link): SpanLink | undefined {
    try {
      const { context, attributes } = link;
      if (!isSpanContextValid(context)) return undefined;
      return { context, attributes: this.#flat(attributes, this.#limits.linkAttributes) };
    } catch {
      // There is none, or a getter of the service's own threw.
      return undefined;
    }
  }

  #flat(attributes: Attributes | undefined, max: number): SpanValue[] {
    const flat: SpanValue[] = [];
    try {
      for (const key in attributes) {
        const value = cleanValue(attributes[key], this.#limits.valueLength);
        if (value !== undefined && flat.length < max * 2) flat.push(key, value);
      }
    } catch {
      // A getter or Proxy of the service's own threw; what was read before it is kept.
    }
    return flat;
  }
}

function isTime(value: Attributes | TimeInput | undefined): value is TimeInput {
  try {
    return typeof value === "number" || value instanceof Date || Array.isArray(value);
  } catch {
    // A Proxy of the service's own threw.
    return false;
  }
}
