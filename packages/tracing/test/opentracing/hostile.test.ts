import assert from "node:assert/strict";
import { test } from "node:test";
import { type Span as OtelSpan, trace } from "@opentelemetry/api";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { extractMessage, injectMessage, type Span, tracer, withSpan } from "../../src/index.ts";
import { recordTracing } from "../../src/testing.ts";
import { startTestTracing } from "../helpers/tracing.ts";

const fails = (): never => {
  throw new Error("the service's own");
};
/** What a program may hand over by mistake, and worse. */
const HOSTILE: readonly unknown[] = [
  null,
  7,
  Number.NaN,
  10n,
  "",
  Symbol("s"),
  fails,
  [null, Symbol("s"), 10n],
  new Date(Number.NaN),
  Object.create(null),
  Object.freeze({ "span.kind": "constructor", "sampling.priority": "x", error: "maybe" }),
  {
    get event() {
      return fails();
    },
  },
  { toJSON: fails, toString: fails },
  // biome-ignore lint/suspicious/noThenProperty: a thenable that throws is what is tested
  { then: fails },
  Object.assign(new Error("e"), { stack: 7, code: Symbol("c") }),
  new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails }),
  new Proxy([], { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails }),
  new Proxy(new Error("e"), { get: fails }),
  Object.assign([], { self: [] as unknown[] }),
];

type Use = (value: never) => unknown;
const started = (): Span => tracer.startSpan("x");

const USES: Readonly<Record<string, Use>> = {
  "startSpan(name)": (value) => tracer.startSpan(value).finish(),
  "startSpan(options)": (value) => tracer.startSpan("x", value).finish(),
  "a tag at start": (tag) => tracer.startSpan("x", { tags: { tag, error: tag, "span.kind": tag } }).finish(),
  "sampling.priority": (value) => tracer.startSpan("x", { tags: { "sampling.priority": value } }).finish(),
  tags: (tags) => tracer.startSpan("x", { tags }).finish(),
  references: (references) => tracer.startSpan("x", { references }).finish(),
  "a reference": (reference) => tracer.startSpan("x", { references: [reference] }).finish(),
  childOf: (childOf) => tracer.startSpan("x", { childOf }).finish(),
  startTime: (startTime) => tracer.startSpan("x", { startTime }).finish(),
  peer: (peer) => tracer.startSpan("x", { peer }).finish(),
  setTag: (value) => started().setTag(value, value).setTag("a", value).setTag("error", value).finish(),
  addTags: (tags) => started().addTags(tags).finish(),
  log: (fields) => started().log(fields, fields).finish(),
  "a log field": (value) =>
    started()
      .log({ event: value, value })
      .log({ event: "error", message: value, stack: value })
      .log({ "error.object": value })
      .finish(),
  logEvent: (value) => started().logEvent(value, value),
  setOperationName: (value) => started().setOperationName(value).finish(),
  setBaggageItem: (value) => {
    const span = started().setBaggageItem(value, value).setBaggageItem("a", value);
    withSpan("child", { childOf: span }, () => injectMessage({}));
    span.getBaggageItem(value);
    span.finish();
  },
  finish: (value) => started().finish(value),
  injectMessage: (value) => injectMessage(value),
  extractMessage: (value) => extractMessage(value, value),
  inject: (value) => {
    tracer.inject(value, value, value);
    for (const format of ["text_map", "binary"]) tracer.inject(started(), format, value);
  },
  extract: (value) => {
    tracer.extract(value, value);
    for (const format of ["text_map", "binary"]) tracer.extract(format, value);
    tracer.extract("binary", { buffer: value });
  },
  "withSpan() gives back": (value) =>
    assert.ok(
      Object.is(
        withSpan("x", () => value),
        value,
      ),
    ),
  "withSpan() passes on": (value) => {
    let thrown: unknown;
    try {
      withSpan("x", () => {
        throw value;
      });
    } catch (error) {
      thrown = error;
    }
    assert.ok(Object.is(thrown, value));
  },
};

test("helpers and the OpenTracing API never throw into the service, whatever they are given", (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  for (const [name, use] of Object.entries(USES)) {
    HOSTILE.forEach((value, i) => {
      try {
        use(value as never);
      } catch (error) {
        assert.fail(`${name} of no. ${i} threw ${(error as Error).stack}`);
      }
    });
  }
  assert.doesNotThrow(() => JSON.stringify(recorder.traffic.snapshot()));
  for (const span of recorder.spans) assert.equal(typeof span.name, "string");
});

type OtelUse = (span: OtelSpan, value: never) => unknown;

const OTEL_USES: Readonly<Record<string, OtelUse>> = {
  startSpan: (_, value) => trace.getTracer("x").startSpan(value, value).end(),
  "options of startSpan": (_, value) => {
    const options = { attributes: value, links: value, kind: value, startTime: value };
    trace.getTracer("x").startSpan("x", options).end();
  },
  setAttribute: (span, value) => span.setAttribute(value, value),
  setAttributes: (span, value) => span.setAttributes(value),
  addEvent: (span, value) => span.addEvent(value, value, value),
  addLink: (span, value) =>
    span
      .addLink(value)
      .addLink({ context: value })
      .addLink({ context: span.spanContext(), attributes: value }),
  addLinks: (span, value) => span.addLinks(value),
  setStatus: (span, value) => span.setStatus(value).setStatus({ code: 2, message: value }),
  updateName: (span, value) => span.updateName(value),
  recordException: (span, value) => span.recordException(value, value),
  end: (span, value) => span.end(value),
};

test("OpenTelemetry's API never throws into the service, whatever it is given, and all can be sent", async (t) => {
  const { tracing, spans } = await startTestTracing(t);
  for (const [name, use] of Object.entries(OTEL_USES)) {
    [undefined, ...HOSTILE].forEach((value, i) => {
      const span = trace.getTracer("x").startSpan("x");
      try {
        use(span, value as never);
      } catch (error) {
        assert.fail(`${name} of no. ${i} threw ${(error as Error).stack}`);
      }
      span.end();
    });
  }
  const received = await spans();
  const { ended, dropped } = tracing.spans();
  assert.equal(received.length, ended - dropped.unreadable);
  assert.ok(received.length > dropped.unreadable * 10, "few cannot be shown at all");
});

test("helpers take any value as a tag, and all that is recorded can be sent", (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  fc.assert(
    fc.property(anyText(), fc.anything({ withBigInt: true, withNullPrototype: true }), (key, value) => {
      recorder.clear();
      withSpan("x", (span) => span.setTag(key, value).log({ event: "e", [key]: value }));
      for (const recorded of Object.values(recorder.spans[0]?.attributes ?? {})) {
        const plain = Array.isArray(recorded) ? recorded : [recorded];
        for (const one of plain) assert.match(typeof one, /^(?:string|number|boolean)$/);
      }
    }),
    { numRuns: runs(2_000) },
  );
});
