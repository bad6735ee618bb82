import {
  type Baggage,
  type Context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { activeContext } from "../context/lean-context.ts";
import { childContext } from "../context/span-baggage.ts";
import { stampCaller } from "../propagation/caller.ts";
import { extractFrom, injectInto, writeHeaders } from "../propagation/carriers.ts";
import { forceSampling } from "../provider/sampler.ts";
import { textOf } from "../provider/value.ts";
import { outgoing, outgoingName } from "../running/outgoing.ts";
import { ownTracer, runningTracing } from "../running/running.ts";
import { type Finished, Span } from "./span.ts";
import { SpanContext } from "./span-context.ts";
import { kindOf, type Tags, toAttributes } from "./tags.ts";

/** The relation of a span to another. The `opentracing` package's own class fits. */
export interface Reference {
  /** `child_of` or `follows_from`. */
  type(): string;
  /** What is referred to. */
  referencedContext(): SpanContext | Span;
}

/** How a span starts. */
export interface SpanOptions {
  /** The parent. Default: the active span, else none. */
  readonly childOf?: Span | SpanContext | null;
  /** Further relations: the first `child_of` is the parent, the others become links. */
  readonly references?: readonly Reference[];
  readonly tags?: Tags;
  /** Milliseconds since 1970. @default now */
  readonly startTime?: number;
  /** What is called, such as `orders-db`: the span is then counted as a request to it. */
  readonly peer?: string;
}

/** OpenTracing's format of plain text keys and values. */
export const FORMAT_TEXT_MAP = "text_map";
/** OpenTracing's format of HTTP headers. */
export const FORMAT_HTTP_HEADERS = "http_headers";
/** OpenTracing's format of bytes: `{ buffer }`. */
export const FORMAT_BINARY = "binary";

const CHILD_OF = "child_of";

/** OpenTracing's tracer, over whatever OpenTelemetry provider is registered. */
export class Tracer {
  /** Starts a span; whoever starts it finishes it. */
  startSpan(name: string, options?: SpanOptions): Span {
    try {
      return this.#start(name, options ?? {});
    } catch (error) {
      // Options of the service's own that cannot be read: the span is there without them.
      reportFault("WHODUNIT_START_SPAN", error);
      return this.#start(name, {});
    }
  }

  #start(name: string, options: SpanOptions): Span {
    const { tags, startTime } = options;
    const peer = options.peer == null ? undefined : textOf(options.peer);
    const { parent, links } = parentOf(options);
    const attributes = toAttributes(tags);
    const { error } = attributes;
    // A property that is deleted makes a slow object of it.
    if (error !== undefined) delete attributes.error;
    if (peer !== undefined) attributes["peer.service"] = peer;
    const priority = attributes["sampling.priority"];
    const decided = priority === undefined ? parent : forceSampling(parent, Number(priority) > 0);
    const kind =
      kindOf(attributes["span.kind"]) ?? (peer === undefined ? SpanKind.INTERNAL : SpanKind.CLIENT);
    const otel = ownTracer().startSpan(
      outgoingName(textOf(name)),
      {
        kind,
        attributes: outgoing(attributes),
        ...(links.length === 0 ? {} : { links }),
        ...(startTime === undefined ? {} : { startTime }),
      },
      decided,
    );
    const finished = peer === undefined ? undefined : count(textOf(name), peer, otel, startTime);
    const span = new Span(this, otel, childContext(parent, otel), finished);
    if (error !== undefined) span.setTag("error", error);
    return span;
  }

  /** Writes a span's context into a carrier. A carrier or format that cannot be written is left alone. */
  inject(span: Span | SpanContext, format: string, carrier: unknown): void {
    try {
      const from = contextOf(span);
      if (from === undefined) return;
      const headers: Record<string, string> = {};
      injectInto(from.enter(ROOT_CONTEXT), headers);
      const service = runningTracing()?.service;
      if (service !== undefined) stampCaller(headers, service);
      if (format === FORMAT_BINARY)
        (carrier as { buffer?: unknown }).buffer = Buffer.from(JSON.stringify(headers));
      else writeHeaders(carrier as object, headers);
    } catch (error) {
      reportFault("WHODUNIT_INJECT", error);
    }
  }

  /** The span context that a carrier holds; null when it holds none that is valid. */
  extract(format: string, carrier: unknown): SpanContext | null {
    try {
      const headers = format === FORMAT_BINARY ? parseBinary(carrier) : carrier;
      if (typeof headers !== "object" || headers === null) return null;
      const found = extractFrom(ROOT_CONTEXT, headers);
      const otel = trace.getSpanContext(found);
      return otel === undefined ? null : new SpanContext(otel, propagation.getBaggage(found));
    } catch {
      // Junk in a carrier is no fault of ours and nobody's to read.
      return null;
    }
  }
}

/** The one tracer; it may be used before `startTracing`, its spans are no-ops then. */
export const tracer: Tracer = new Tracer();

function parentOf(options: SpanOptions): { parent: Context; links: Link[] } {
  const links: Link[] = [];
  let parent = activeContext();
  let first = contextOf(options.childOf);
  let baggage = first?.baggage();
  for (const reference of Array.isArray(options.references) ? options.references : []) {
    const target = targetOf(reference);
    if (target === undefined) continue;
    baggage = union(baggage, target.baggage());
    if (first === undefined && reference.type() === CHILD_OF) first = target;
    else links.push({ context: target.otel });
  }
  if (first !== undefined) parent = first.enter(parent);
  if (baggage !== undefined) parent = propagation.setBaggage(parent, baggage);
  // What the active span carries is not the parent's.
  else if (first !== undefined) parent = propagation.deleteBaggage(parent);
  return { parent, links };
}

function targetOf(reference: Reference): SpanContext | undefined {
  try {
    return contextOf(reference.referencedContext());
  } catch {
    // What is no reference relates to nothing.
    return undefined;
  }
}

function contextOf(span: Span | SpanContext | null | undefined): SpanContext | undefined {
  if (span instanceof Span) return span.context();
  return span instanceof SpanContext ? span : undefined;
}

function union(one: Baggage | undefined, other: Baggage | undefined): Baggage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.getAllEntries().reduce((sum, [key, entry]) => sum.setEntry(key, entry), one);
}

function parseBinary(carrier: unknown): unknown {
  const { buffer } = carrier as { buffer?: Uint8Array | readonly number[] | null };
  return buffer == null ? undefined : JSON.parse(Buffer.from(buffer as Uint8Array).toString());
}

/** Counts a span to `peer` as a request when it finishes. */
function count(name: string, peer: string, otel: Span["otel"], startTimeMs: number | undefined): Finished {
  const startedAt = performance.now();
  const startMs = timeOf(startTimeMs) ?? Date.now();
  return (failure, finishTimeMs) => {
    const isGiven = (timeOf(startTimeMs) ?? timeOf(finishTimeMs)) !== undefined;
    const givenMs = Math.max((timeOf(finishTimeMs) ?? Date.now()) - startMs, 0);
    runningTracing()?.traffic.record({
      side: "client",
      peer,
      route: name,
      status: undefined,
      errorType: failure,
      aborted: false,
      durationMs: isGiven ? givenMs : performance.now() - startedAt,
      trace: otel.isRecording() ? otel.spanContext() : undefined,
      thrown: undefined,
    });
  };
}

/** A time that can be counted with: JavaScript may hand over anything. */
const timeOf = (timeMs: number | undefined): number | undefined =>
  Number.isFinite(timeMs) ? timeMs : undefined;
