import { AssertionError } from "node:assert";
import { context, propagation, type SpanKind, type SpanStatusCode, trace } from "@opentelemetry/api";
import type { FakeClock } from "@whodunit/core/testing";
import { createRedactor } from "@whodunit/redaction";
import { serialiserOf } from "@whodunit/redaction/serialiser";
import { FrameContextManager } from "./context/frame-context.ts";
import { Accounts } from "./export/accounts.ts";
import { CompositePropagator } from "./propagation/composite.ts";
import type { EndedSpan, FlatAttributes, SpanSink } from "./provider/ended-span.ts";
import { DEFAULT_LIMITS } from "./provider/limits.ts";
import { LeanTracerProvider } from "./provider/provider.ts";
import { samplingBy } from "./provider/standard-sampler.ts";
import type { SpanValue } from "./provider/value.ts";
import { SystemClock } from "./running/system-clock.ts";
import { prepare, run } from "./start/assemble.ts";
import type { Backend } from "./start/backend.ts";
import { processorsOf } from "./start/destinations.ts";
import { Diagnostics } from "./start/diagnostics.ts";
import { resolveOptions, type TracingOptions } from "./start/options.ts";
import { resourceAttributesOf } from "./start/resource.ts";
import { setStarted } from "./start/started.ts";
import type { Tracing } from "./start/tracing.ts";

export { FakeClock } from "@whodunit/core/testing";

/** A span that ended while it was recorded. */
export interface TestSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, SpanValue>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, SpanValue>>;
  }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: SpanStatusCode;
}

/** What a span must have; attributes that are not named may be there. */
export interface SpanPattern {
  readonly name?: string | RegExp;
  readonly kind?: SpanKind;
  readonly status?: SpanStatusCode;
  readonly attributes?: Readonly<Record<string, SpanValue>>;
  /** The name of the parent span. */
  readonly parent?: string;
}

/** Tracing whose spans stay in this process. */
export interface TracingRecorder extends Omit<Tracing, "spans"> {
  /** The spans that have ended, in the order of their ends. */
  readonly spans: readonly TestSpan[];
  /**
   * The one span that fits.
   *
   * @throws AssertionError when none does, or more than one; its message shows what was recorded
   */
  span(pattern: SpanPattern): TestSpan;
  /** The traces as text: one line a span, children indented under their parent, in order of start. */
  tree(): string;
  /** Forgets the spans recorded so far. */
  clear(): void;
}

/** Options of {@link recordTracing}: those of `startTracing` but for exporters, whose place it takes, and a clock. */
export interface RecorderOptions extends Omit<TracingOptions, "exporters"> {
  /** Drives the times of spans and the windows of traffic. @default the system's */
  readonly clock?: FakeClock;
}

/**
 * Starts tracing that records spans instead of exporting them, without loading the SDK. Close it when the test
 * ends: `t.after(() => recorder.close())`.
 *
 * @throws TypeError when an option is wrong, Error when tracing is started already
 */
export function recordTracing(options: RecorderOptions = {}): TracingRecorder {
  const { clock, ...rest } = options;
  const resolved = resolveOptions({ service: "test", ...rest }, {});
  const redactor = serialiserOf(createRedactor(resolved.redact));
  const sink = new RecordingSink();
  const own = prepare(resolved, redactor, false, clock);
  context.setGlobalContextManager(new FrameContextManager());
  propagation.setGlobalPropagator(new CompositePropagator(resolved.propagators));
  const limits = DEFAULT_LIMITS;
  trace.setGlobalTracerProvider(
    new LeanTracerProvider({
      sink,
      sampling: samplingBy(resolved, redactor),
      limits,
      clock: clock ?? new SystemClock(),
      processors: processorsOf(resolved, { redactor, limits, resource: resourceAttributesOf(resolved) }),
    }),
  );
  const diagnostics = new Diagnostics(resolved.service, (text) => redactor.redactText(text), {});
  const tracing = run(resolved, own, sink, diagnostics);
  setStarted(tracing, rest);
  return {
    service: tracing.service,
    traffic: tracing.traffic,
    ready: tracing.ready,
    flush: tracing.flush,
    close: tracing.close,
    spans: sink.spans,
    span: (pattern) => findSpan(sink.spans, pattern),
    tree: () => drawTree(sink.spans),
    clear: () => {
      sink.spans.length = 0;
    },
  };
}

class RecordingSink implements SpanSink, Backend {
  readonly spans: TestSpan[] = [];
  readonly #accounts = new Accounts();

  take(span: EndedSpan): void {
    this.#accounts.ended++;
    this.#accounts.exported++;
    const { traceId, spanId } = span.spanContext();
    this.spans.push({
      name: span.name,
      kind: span.kind,
      traceId,
      spanId,
      parentSpanId: span.parent?.spanId,
      startMs: span.startMs,
      durationMs: span.endMs - span.startMs,
      attributes: toRecord(span.attributes),
      events: span.events.map(({ name, attributes }) => ({ name, attributes: toRecord(attributes) })),
      links: span.links.map((link) => ({ traceId: link.context.traceId, spanId: link.context.spanId })),
      status: span.statusCode,
    });
  }

  countUnsampled(): void {
    this.#accounts.ended++;
    this.#accounts.unsampled++;
  }

  accounts(): ReturnType<Accounts["snapshot"]> {
    return this.#accounts.snapshot();
  }

  async flush(): Promise<void> {}

  unregister(): void {
    for (const api of [trace, propagation, context]) api.disable();
  }

  async close(): Promise<void> {}
}

function toRecord(flat: FlatAttributes): Record<string, SpanValue> {
  const record: Record<string, SpanValue> = {};
  for (let i = 0; i < flat.length; i += 2) record[flat[i] as string] = flat[i + 1] as SpanValue;
  return record;
}

function findSpan(spans: readonly TestSpan[], pattern: SpanPattern): TestSpan {
  const found = spans.filter((span) => fits(span, pattern, spans));
  if (found.length === 1) return found[0] as TestSpan;
  throw new AssertionError({
    message: `${found.length} spans fit, want one. Recorded:\n${drawTree(spans)}`,
    actual: spans.map(({ name, kind, status, attributes }) => ({ name, kind, status, attributes })),
    expected: pattern,
    operator: "span",
  });
}

function fits(span: TestSpan, pattern: SpanPattern, spans: readonly TestSpan[]): boolean {
  const { name, kind, status, attributes = {}, parent } = pattern;
  if (typeof name === "string" ? span.name !== name : name?.test(span.name) === false) return false;
  if (kind !== undefined && span.kind !== kind) return false;
  if (status !== undefined && span.status !== status) return false;
  if (parent !== undefined && parentOf(span, spans)?.name !== parent) return false;
  return Object.entries(attributes).every(
    ([key, value]) => JSON.stringify(span.attributes[key]) === JSON.stringify(value),
  );
}

function parentOf(span: TestSpan, spans: readonly TestSpan[]): TestSpan | undefined {
  return spans.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId);
}

function drawTree(spans: readonly TestSpan[]): string {
  const lines: string[] = [];
  const draw = (span: TestSpan, depth: number): void => {
    lines.push(`${"  ".repeat(depth)}${span.name}`);
    for (const child of byStart(spans.filter((one) => parentOf(one, spans) === span))) draw(child, depth + 1);
  };
  for (const root of byStart(spans.filter((span) => parentOf(span, spans) === undefined))) draw(root, 0);
  return lines.join("\n");
}

const byStart = (spans: readonly TestSpan[]): TestSpan[] => spans.toSorted((a, b) => a.startMs - b.startMs);
