import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { beforeEach, describe, it, test } from "node:test";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type {
  SpanContext as PackageContext,
  SpanOptions as PackageOptions,
  Span as PackageSpan,
  Tracer as PackageTracer,
} from "opentracing";
import {
  currentSpan,
  FORMAT_BINARY,
  FORMAT_HTTP_HEADERS,
  FORMAT_TEXT_MAP,
  type Span,
  SpanContext,
  type Tracer,
  tracer,
  withSpan,
} from "../../src/index.ts";
import { tracer as packageTracer } from "../../src/opentracing.ts";
import { recordTracing, type TestSpan, type TracingRecorder } from "../../src/testing.ts";
import { binOf } from "../../src/traffic/histogram.ts";

const require = createRequire(import.meta.url);
const opentracing = require("opentracing") as typeof import("opentracing");

// The package's own suite; it expects the globals of mocha.
Object.assign(globalThis, { describe, it, beforeEach });
const compatibility = require("opentracing/lib/test/api_compatibility.js") as {
  default: (create: () => unknown, options: object) => void;
};
const log = console.log;
console.log = () => {};
test.after(() => {
  console.log = log;
});
compatibility.default(() => tracer, { skipBaggageChecks: false, skipInjectExtractChecks: false });

// The compiler's part. The package's classes have protected members, so no other class is assignable to them: that
// each of their methods is here and takes what theirs takes is checked one by one.
type Takes<Own, Theirs> = {
  readonly [Key in keyof Theirs]: Key extends keyof Own
    ? Own[Key] extends (...parameters: infer Parameters_) => unknown
      ? Theirs[Key] extends (...parameters: infer TheirParameters) => unknown
        ? OwnTypes<TheirParameters> extends Parameters_
          ? true
          : never
        : never
      : never
    : never;
};
/** Their parameters, with our classes in the place of theirs. */
type OwnTypes<Given> = { [Index in keyof Given]: OwnType<Given[Index]> };
type OwnType<Given> = Given extends PackageSpan
  ? Span
  : Given extends PackageContext
    ? SpanContext
    : Given extends PackageOptions
      ? Omit<Given, "childOf" | "references">
      : Given;
const _tracer: Takes<Tracer, PackageTracer> = { startSpan: true, inject: true, extract: true };
const _span: Takes<Span, PackageSpan> = {
  context: true,
  tracer: true,
  setOperationName: true,
  setBaggageItem: true,
  getBaggageItem: true,
  setTag: true,
  addTags: true,
  log: true,
  logEvent: true,
  finish: true,
};
const _context: PackageContext = null as unknown as SpanContext;
void [_tracer, _span, _context];

/** One case of meaning: what is done, and what the recorded spans then are. */
type Case = (recorder: TracingRecorder) => void;

const only = (recorder: TracingRecorder): TestSpan => {
  assert.equal(recorder.spans.length, 1);
  return recorder.spans[0] as TestSpan;
};
const made = (recorder: TracingRecorder, make: () => Span): TestSpan => {
  make().finish();
  return only(recorder);
};
const parent = () => tracer.startSpan("parent");

const CASES: Record<string, Case> = {
  "startSpan without a parent begins a trace": (r) => {
    assert.equal(made(r, () => tracer.startSpan("a")).parentSpanId, undefined);
  },
  "startSpan is a child of the active span": (r) => {
    withSpan("outer", () => tracer.startSpan("inner").finish());
    assert.equal(r.tree(), "outer\n  inner");
  },
  "childOf a span is childOf its context": (r) => {
    const p = parent();
    tracer.startSpan("one", { childOf: p }).finish();
    tracer.startSpan("two", { childOf: p.context() }).finish();
    assert.deepEqual(
      r.spans.map((span) => span.parentSpanId),
      [p.context().toSpanId(), p.context().toSpanId()],
    );
    assert.ok(r.spans.every((span) => span.traceId === p.context().toTraceId()));
  },
  "childOf null, undefined and junk is no parent": (r) => {
    for (const childOf of [null, undefined, {}, "x"]) tracer.startSpan("a", { childOf } as never).finish();
    assert.ok(r.spans.every((span) => span.parentSpanId === undefined));
  },
  "childOf goes before the active span": (r) => {
    const p = parent();
    withSpan("active", () => tracer.startSpan("child", { childOf: p }).finish());
    assert.equal(r.span({ name: "child" }).parentSpanId, p.context().toSpanId());
  },
  "a child_of reference of the package is the parent, not a link": (r) => {
    const p = parent();
    const references = [opentracing.childOf(p.context() as never)] as never;
    const span = made(r, () => tracer.startSpan("a", { references }));
    assert.equal(span.parentSpanId, p.context().toSpanId());
    assert.deepEqual(span.links, []);
  },
  "a reference to a span is one to its context": (r) => {
    const p = parent();
    const references = [opentracing.childOf(p as never)] as never;
    assert.equal(made(r, () => tracer.startSpan("a", { references })).parentSpanId, p.context().toSpanId());
  },
  "a follows_from reference is a link, not a parent": (r) => {
    const p = parent();
    const references = [opentracing.followsFrom(p.context() as never)] as never;
    const span = made(r, () => tracer.startSpan("a", { references }));
    assert.equal(span.parentSpanId, undefined);
    assert.deepEqual(span.links, [{ traceId: p.context().toTraceId(), spanId: p.context().toSpanId() }]);
  },
  "the first child_of is the parent, the others are links": (r) => {
    const [one, two] = [parent(), parent()];
    const references = [opentracing.childOf(one as never), opentracing.childOf(two as never)] as never;
    const span = made(r, () => tracer.startSpan("a", { references }));
    assert.equal(span.parentSpanId, one.context().toSpanId());
    assert.deepEqual(
      span.links.map((link) => link.spanId),
      [two.context().toSpanId()],
    );
  },
  "childOf and references together: childOf is the parent": (r) => {
    const [one, two] = [parent(), parent()];
    const options = { childOf: one, references: [opentracing.childOf(two as never)] as never };
    const span = made(r, () => tracer.startSpan("a", options));
    assert.equal(span.parentSpanId, one.context().toSpanId());
    assert.equal(span.links.length, 1);
  },
  "a span of several references has the baggage of them all": () => {
    const [one, two] = [parent().setBaggageItem("a", "1"), parent().setBaggageItem("b", "2")];
    const references = [opentracing.childOf(one as never), opentracing.followsFrom(two as never)] as never;
    const span = tracer.startSpan("a", { references });
    assert.deepEqual([span.getBaggageItem("a"), span.getBaggageItem("b")], ["1", "2"]);
  },
  "startTime and finishTime are milliseconds since 1970": (r) => {
    tracer.startSpan("a", { startTime: 1_700_000_000_000 }).finish(1_700_000_000_250);
    assert.deepEqual([only(r).startMs, only(r).durationMs], [1_700_000_000_000, 250]);
  },
  "finishing before the start ends at the start": (r) => {
    tracer.startSpan("a", { startTime: 1_700_000_000_000 }).finish(1_600_000_000_000);
    assert.equal(only(r).durationMs, 0);
  },
  "finishing twice is finishing once": (r) => {
    const span = tracer.startSpan("a", { startTime: 1_700_000_000_000 });
    span.finish(1_700_000_000_001);
    span.finish(1_700_000_000_900);
    assert.equal(only(r).durationMs, 1);
  },
  "what comes after finish changes nothing": (r) => {
    const span = tracer.startSpan("a");
    span.finish();
    span.setTag("late", 1).log({ event: "late" }).setOperationName("late").setTag("error", true);
    const { name, attributes, events, status } = only(r);
    assert.deepEqual(
      { name, attributes, events, status },
      { name: "a", attributes: {}, events: [], status: 0 },
    );
  },
  "setOperationName renames": (r) => {
    assert.equal(made(r, () => tracer.startSpan("a").setOperationName("b")).name, "b");
  },
  "tags keep strings, numbers and booleans": (r) => {
    const tags = { text: "a", number: 1.5, flag: false };
    assert.deepEqual(made(r, () => tracer.startSpan("a", { tags })).attributes, tags);
  },
  "addTags and setTag overwrite": (r) => {
    const span = made(r, () =>
      tracer
        .startSpan("a", { tags: { k: 1 } })
        .addTags({ k: 2, l: 3 })
        .setTag("l", 4),
    );
    assert.deepEqual(span.attributes, { k: 2, l: 4 });
  },
  "an object tag is kept as JSON": (r) => {
    assert.equal(made(r, () => tracer.startSpan("a").setTag("o", { b: [1] })).attributes.o, '{"b":[1]}');
  },
  "an array of one kind is kept, a mixed one is JSON": (r) => {
    const span = made(r, () => tracer.startSpan("a").addTags({ one: ["x", "y"], mixed: [1, "x"] }));
    assert.deepEqual(span.attributes, { one: ["x", "y"], mixed: '[1,"x"]' });
  },
  "a date, a bigint and an error are shown": (r) => {
    const tags = { date: new Date(0), big: 12n, error_text: new Error("no") };
    assert.deepEqual(made(r, () => tracer.startSpan("a", { tags })).attributes, {
      date: "1970-01-01T00:00:00.000Z",
      big: "12",
      error_text: "no",
    });
  },
  "null, undefined and functions are no tags; cycles and throwing getters do no harm": (r) => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const hostile = Object.defineProperty({}, "x", {
      enumerable: true,
      get() {
        throw new Error("hostile");
      },
    });
    const tags = { n: null, u: undefined, f: () => {}, cycle, hostile };
    assert.deepEqual(made(r, () => tracer.startSpan("a", { tags })).attributes, {
      cycle: "[object Object]",
      hostile: "[object Object]",
    });
  },
  "error: true at the start fails the span": (r) => {
    const span = made(r, () => tracer.startSpan("a", { tags: { error: true } }));
    assert.equal(span.status, SpanStatusCode.ERROR);
    assert.equal(span.attributes.error, undefined, "a status, not an attribute");
  },
  "error: true later fails the span": (r) => {
    assert.equal(made(r, () => tracer.startSpan("a").setTag("error", true)).status, SpanStatusCode.ERROR);
  },
  'error: "true" counts as true': (r) => {
    assert.equal(made(r, () => tracer.startSpan("a").setTag("error", "true")).status, SpanStatusCode.ERROR);
  },
  "error: false says that all is well": (r) => {
    assert.equal(made(r, () => tracer.startSpan("a").setTag("error", false)).status, SpanStatusCode.OK);
  },
  "another value of error says nothing": (r) => {
    assert.equal(
      made(r, () => tracer.startSpan("a").setTag("error", "perhaps")).status,
      SpanStatusCode.UNSET,
    );
  },
  "span.kind becomes the kind": (r) => {
    for (const kind of ["client", "server", "producer", "consumer", "other"]) {
      tracer.startSpan(kind, { tags: { "span.kind": kind } }).finish();
    }
    const { CLIENT, SERVER, PRODUCER, CONSUMER, INTERNAL } = SpanKind;
    assert.deepEqual(
      r.spans.map((span) => span.kind),
      [CLIENT, SERVER, PRODUCER, CONSUMER, INTERNAL],
    );
  },
  "sampling.priority 0 leaves a sampled trace out": (r) => {
    tracer.startSpan("a", { tags: { "sampling.priority": 0 } }).finish();
    assert.equal(r.spans.length, 0);
  },
  "log keeps its fields and takes its name from event": (r) => {
    const span = made(r, () => tracer.startSpan("a").log({ event: "retry", attempt: 2 }));
    assert.deepEqual(span.events, [{ name: "retry", attributes: { attempt: 2 } }]);
  },
  "log without an event is called log": (r) => {
    assert.equal(made(r, () => tracer.startSpan("a").log({ attempt: 2 })).events[0]?.name, "log");
  },
  "log of error.object is an exception with type and stack": (r) => {
    const error = new RangeError("no");
    const span = made(r, () => tracer.startSpan("a").log({ event: "error", "error.object": error }));
    assert.equal(span.events[0]?.name, "exception");
    assert.equal(span.events[0]?.attributes["exception.type"], "RangeError");
    assert.equal(span.events[0]?.attributes["exception.message"], "no");
    assert.match(String(span.events[0]?.attributes["exception.stacktrace"]), /RangeError: no\n\s+at /);
  },
  "log of an error in plain fields is an exception": (r) => {
    const fields = { event: "error", "error.kind": "Timeout", message: "late", stack: "at x" };
    assert.deepEqual(made(r, () => tracer.startSpan("a").log(fields)).events[0], {
      name: "exception",
      attributes: {
        "exception.type": "Timeout",
        "exception.message": "late",
        "exception.stacktrace": "at x",
      },
    });
  },
  "log of an error alone does not fail the span": (r) => {
    const span = made(r, () => tracer.startSpan("a").log({ event: "error", message: "no" }));
    assert.equal(span.status, SpanStatusCode.UNSET);
  },
  "logEvent is log": (r) => {
    const span = made(r, () => {
      const one = tracer.startSpan("a");
      one.logEvent("retry", { attempt: 2 });
      return one;
    });
    assert.deepEqual(span.events, [{ name: "retry", attributes: { payload: '{"attempt":2}' } }]);
  },
  "log of nothing does no harm": (r) => {
    assert.equal(made(r, () => tracer.startSpan("a").log(undefined as never)).events.length, 1);
  },
  "baggage goes to children, not to parents": () => {
    const p = parent().setBaggageItem("a", "1");
    const child = tracer.startSpan("child", { childOf: p }).setBaggageItem("b", "2");
    assert.equal(child.getBaggageItem("a"), "1");
    assert.equal(p.getBaggageItem("b"), undefined);
    assert.equal(child.getBaggageItem("none"), undefined);
  },
  "baggage set later is not in a context taken before": () => {
    const p = parent().setBaggageItem("a", "1");
    const before = p.context();
    p.setBaggageItem("a", "2");
    assert.equal(tracer.startSpan("x", { childOf: before }).getBaggageItem("a"), "1");
    assert.equal(tracer.startSpan("x", { childOf: p }).getBaggageItem("a"), "2");
  },
  "baggage added to the active span reaches what it starts": () => {
    withSpan("outer", (span) => {
      span.setBaggageItem("a", "1");
      withSpan("inner", (inner) => assert.equal(inner.getBaggageItem("a"), "1"));
      assert.equal(currentSpan(), span);
    });
  },
  "inject and extract carry ids and baggage as text": () => {
    for (const format of [FORMAT_TEXT_MAP, FORMAT_HTTP_HEADERS]) {
      const span = parent().setBaggageItem("a", "1 2");
      const carrier: Record<string, string> = {};
      tracer.inject(span, format, carrier);
      const found = tracer.extract(format, carrier);
      assert.equal(found?.toTraceId(), span.context().toTraceId());
      assert.equal(found?.toSpanId(), span.context().toSpanId());
      assert.equal(tracer.startSpan("x", { childOf: found }).getBaggageItem("a"), "1 2");
    }
  },
  "inject and extract carry them as bytes": () => {
    const span = parent().setBaggageItem("a", "1");
    const carrier = new opentracing.BinaryCarrier([]);
    tracer.inject(span.context(), FORMAT_BINARY, carrier);
    const found = tracer.extract(FORMAT_BINARY, carrier);
    assert.equal(found?.toSpanId(), span.context().toSpanId());
    assert.equal(found?.baggage()?.getEntry("a")?.value, "1");
    const copy = { buffer: [...(carrier.buffer as unknown as Uint8Array)] };
    assert.equal(tracer.extract(FORMAT_BINARY, copy)?.toSpanId(), span.context().toSpanId());
  },
  "extract reads headers in any case": () => {
    const carrier = { TraceParent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };
    assert.equal(tracer.extract(FORMAT_HTTP_HEADERS, carrier)?.toTraceId(), "a".repeat(32));
  },
  "extract of junk is null": () => {
    const junk = [
      {},
      null,
      undefined,
      7,
      "x",
      [],
      { traceparent: "no" },
      { buffer: Buffer.from("no") },
      { buffer: 7 },
    ];
    for (const format of [FORMAT_TEXT_MAP, FORMAT_HTTP_HEADERS, FORMAT_BINARY, "unknown"]) {
      for (const carrier of junk) assert.equal(tracer.extract(format, carrier), null);
    }
  },
  "inject of junk does no harm": () => {
    for (const carrier of [null, undefined, 7, Object.freeze({})])
      tracer.inject(parent(), FORMAT_TEXT_MAP, carrier);
    tracer.inject(null as never, FORMAT_TEXT_MAP, {});
    tracer.inject({} as never, FORMAT_TEXT_MAP, {});
  },
  "a context knows its ids": () => {
    const span = parent();
    assert.match(span.context().toTraceId(), /^[0-9a-f]{32}$/);
    assert.match(span.context().toSpanId(), /^[0-9a-f]{16}$/);
    assert.ok(span.context() instanceof SpanContext);
    assert.equal(span.tracer(), tracer);
  },
  "initGlobalTracer serves old code": (r) => {
    opentracing.initGlobalTracer(packageTracer);
    const span = opentracing
      .globalTracer()
      .startSpan("old", { tags: { [opentracing.Tags.HTTP_STATUS_CODE]: 200 } });
    opentracing.globalTracer().startSpan("child", { childOf: span }).finish();
    span.log({ event: "x" });
    span.finish();
    assert.equal(r.tree(), "old\n  child");
    assert.equal(r.span({ name: "old" }).attributes["http.status_code"], 200);
  },
  "span.otel is OpenTelemetry's span": (r) => {
    withSpan("a", (span) => {
      span.otel.setAttribute("k", 1);
      assert.equal(trace.getSpan(context.active()), span.otel);
    });
    assert.equal(only(r).attributes.k, 1);
  },
  "an error object is logged with the other fields, at the time given": (r) => {
    const fields = {
      event: "error",
      "error.object": new RangeError("boom"),
      message: "paying",
      "order.id": 7,
    };
    const span = tracer.startSpan("a").log(fields, 1_700_000_000_000);
    const { events } = span.otel as unknown as { events: { atMs: number }[] };
    assert.equal(events[0]?.atMs, 1_700_000_000_000);
    span.finish();
    const [event] = only(r).events;
    const { "exception.stacktrace": stack, ...rest } = event?.attributes ?? {};
    assert.equal(event?.name, "exception");
    assert.match(String(stack), /RangeError: boom/);
    assert.deepEqual(rest, {
      "exception.type": "RangeError",
      "exception.message": "boom",
      message: "paying",
      "order.id": 7,
    });
  },
  "a span to a peer is counted with the times given": (r) => {
    tracer.startSpan("select", { peer: "db", startTime: 1_700_000_000_000 }).finish(1_700_000_000_250);
    const [bin] = r.traffic.snapshot().series[0]?.latency.bins ?? [];
    assert.equal(bin?.[0], binOf(250));
  },
  "baggage of the active span stays with its own children": (r) => {
    const other = tracer.startSpan("other");
    withSpan("poll", (span) => {
      span.setBaggageItem("user", "ann");
      withSpan("inner", () => {
        for (const childOf of [other, other.context()]) {
          assert.equal(tracer.startSpan("work", { childOf }).getBaggageItem("user"), undefined);
        }
        assert.equal(tracer.startSpan("own").getBaggageItem("user"), "ann");
      });
    });
    assert.equal(r.spans.length, 2);
  },
  "a span to a peer is counted, failed by its error tag": (r) => {
    tracer.startSpan("select", { peer: "db" }).finish();
    tracer.startSpan("select", { peer: "db" }).setTag("error", true).finish();
    const [series] = r.traffic.snapshot().series;
    assert.deepEqual([series?.side, series?.peer, series?.route], ["client", "db", "select"]);
    assert.deepEqual([series?.count, series?.failures, series?.classes], [2, 1, { ok: 1, error: 1 }]);
  },
};

for (const [what, run] of Object.entries(CASES)) {
  test(`OpenTracing: ${what}`, async (t) => {
    const recorder = recordTracing();
    t.after(() => recorder.close());
    run(recorder);
  });
}

test("OpenTracing: sampling.priority samples a trace that would not be", async (t) => {
  const recorder = recordTracing({ sampleRatio: 0 });
  t.after(() => recorder.close());
  const span = tracer.startSpan("a", { tags: { "sampling.priority": 1 } });
  tracer.startSpan("child", { childOf: span }).finish();
  tracer.startSpan("other").finish();
  span.finish();
  assert.equal(recorder.tree(), "a\n  child");
});

test("OpenTracing: everything works as a no-op where no tracing is started", () => {
  const span = tracer.startSpan("a", { tags: { error: true }, peer: "db" });
  assert.equal(span.setBaggageItem("k", "v").getBaggageItem("k"), "v");
  span.log({ event: "x" }).setTag("a", 1).finish();
  assert.equal(
    withSpan("a", () => 7),
    7,
  );
  assert.equal(typeof span.context().toTraceId(), "string");
  assert.equal(currentSpan(), undefined);
});
