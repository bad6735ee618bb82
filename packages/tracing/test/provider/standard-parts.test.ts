import assert from "node:assert/strict";
import { createServer, get } from "node:http";
import { type TestContext, test } from "node:test";
import { type Context, propagation, SpanKind, TraceFlags, trace } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  type Span as SdkSpan,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import { startTracing, type Tracing, type TracingOptions, tracer, withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { recordTracing } from "../../src/testing.ts";
import { ask, listen } from "../helpers/tracing.ts";

const SECRET = "hunter2-of-these-tests";

class Told implements SpanProcessor {
  readonly starts: { span: SdkSpan; name: string; attributes: object; parent: Context }[] = [];
  readonly ends: ReadableSpan[] = [];
  readonly asked: string[] = [];

  onStart(span: SdkSpan, parent: Context): void {
    this.starts.push({ span, name: span.name, attributes: span.attributes, parent });
    span.setAttribute("by.processor", true);
  }

  onEnd(span: ReadableSpan): void {
    this.ends.push(span);
  }

  async forceFlush(): Promise<void> {
    this.asked.push("flush");
  }

  async shutdown(): Promise<void> {
    this.asked.push("shutdown");
  }
}

function start(t: TestContext, options: TracingOptions): Tracing {
  process.env.OTEL_TRACES_EXPORTER = "none";
  const tracing = startTracing({ service: "web", ...options });
  t.after(async () => {
    delete process.env.OTEL_TRACES_EXPORTER;
    await tracing.close();
  });
  return tracing;
}

test("a processor is told of a span's start and end, can add to it, and sees no secret", async (t) => {
  const told = new Told();
  const tracing = start(t, { processors: [told] });
  withSpan("outer", () => {
    const attributes = { password: SECRET, ok: "fine" };
    const span = trace.getTracer("own", "1.2").startSpan(`inner password=${SECRET}`, { attributes });
    span.addEvent("login", { password: SECRET });
    span.setStatus({ code: 2, message: `password=${SECRET}` });
    span.end();
    span.setAttribute("late", 1);
  });
  const [outer, inner] = told.starts;
  assert.equal(outer?.name, "outer");
  assert.deepEqual(inner?.attributes, { password: "[Redacted]", ok: "fine" });
  assert.equal(trace.getSpanContext(inner?.parent as Context)?.spanId, outer?.span.spanContext().spanId);
  const [ended] = told.ends as [ReadableSpan];
  assert.equal(ended, inner?.span, "one object from start to end");
  assert.deepEqual(ended.attributes, { password: "[Redacted]", ok: "fine", "by.processor": true });
  assert.equal(ended.parentSpanContext?.spanId, outer?.span.spanContext().spanId);
  assert.deepEqual(ended.instrumentationScope, { name: "own", version: "1.2" });
  assert.equal(ended.resource.attributes["service.name"], "web");
  assert.equal(ended.ended, true);
  assert.ok(ended.duration[0] >= 0 && ended.endTime[0] >= ended.startTime[0]);
  for (const seen of [JSON.stringify(told.ends), JSON.stringify(told.starts.map(({ name }) => name))])
    assert.ok(!seen.includes(SECRET), seen);
  await tracing.flush();
  await tracing.close();
  assert.deepEqual(told.asked, ["flush", "shutdown"]);
});

test("a processor that throws or rejects disturbs neither the service nor the next processor", async (t) => {
  const told = new Told();
  const throws = (): never => {
    throw new Error("no");
  };
  const rejects = async (): Promise<never> => throws();
  const bad = { onStart: throws, onEnd: throws, forceFlush: rejects, shutdown: rejects };
  const tracing = start(t, { processors: [bad, told] });
  assert.equal(
    withSpan("work", () => 7),
    7,
  );
  await tracing.flush();
  assert.equal(told.ends.length, 1);
  await tracing.close();
});

test("processors are told of recorded spans only; what Whodunit answers ends for them as not sampled", async (t) => {
  const told = new Told();
  const tracing = start(t, { processors: [told], sampleRatio: 0 });
  withSpan("unsampled", () => {});
  assert.equal(told.starts.length, 0);
  await tracing.close();
  const second = new Told();
  const again = start(t, { processors: [second] });
  const server = createServer(withTracing((_request, response) => response.end()));
  const port = await listen(t, server);
  await new Promise((resolve) => {
    get({ port, path: "/debug/traffic", agent: false }, (response) => {
      response.resume().on("end", resolve);
    });
  });
  for (const span of second.ends.filter(({ kind }) => kind === SpanKind.SERVER))
    assert.equal(span.spanContext().traceFlags, TraceFlags.NONE);
  assert.equal(second.starts.length, second.ends.length, "none is left open");
  await again.close();
});

/** Keeps what it was asked, and answers as it is told. */
class Asked implements Sampler {
  readonly asked: { name: string; kind: SpanKind; attributes: object; parent: string | undefined }[] = [];
  answer: (name: string) => SamplingResult;

  constructor(answer: (name: string) => SamplingResult) {
    this.answer = answer;
  }

  shouldSample(...question: Parameters<Sampler["shouldSample"]>): SamplingResult {
    const [context, , name, kind, attributes] = question;
    this.asked.push({ name, kind, attributes, parent: trace.getSpanContext(context)?.spanId });
    return this.answer(name);
  }
}

const { NOT_RECORD, RECORD, RECORD_AND_SAMPLED } = SamplingDecision;

test("a sampler decides for each span: sampled, recorded for processors alone, or not at all", async (t) => {
  const decisions: Record<string, SamplingDecision> = {
    no: NOT_RECORD,
    record: RECORD,
    yes: RECORD_AND_SAMPLED,
  };
  const sampler = new Asked((name) => ({
    decision: decisions[name] ?? NOT_RECORD,
    attributes: { "sampler.said": name },
  }));
  const told = new Told();
  const recorder = recordTracing({ sampler, processors: [told] });
  t.after(() => recorder.close());
  for (const name of Object.keys(decisions)) withSpan(name, () => {});
  assert.deepEqual(
    recorder.spans.map(({ name }) => name),
    ["yes"],
  );
  assert.equal(recorder.span({ name: "yes" }).attributes["sampler.said"], "yes");
  assert.deepEqual(
    told.ends.map((span) => [span.name, span.spanContext().traceFlags]),
    [
      ["record", TraceFlags.NONE],
      ["yes", TraceFlags.SAMPLED],
    ],
  );
  const { ended, exported, unsampled } = await recorder.close();
  assert.deepEqual([ended, exported, unsampled], [3, 1, 2]);
});

test("a sampler is told what a request or a call is of, redacted, before it is sampled", async (t) => {
  const sampler = new Asked(() => ({ decision: RECORD_AND_SAMPLED }));
  const recorder = recordTracing({ sampler });
  t.after(() => recorder.close());
  const server = createServer(
    withTracing((request, response) => {
      setRoute(request, response, "/a");
      response.end();
    }),
  );
  const port = await listen(t, server);
  await ask(port, { path: `/a?access_token=${SECRET}` });
  const call = sampler.asked.find(({ kind }) => kind === SpanKind.CLIENT);
  const request = sampler.asked.find(({ kind }) => kind === SpanKind.SERVER);
  assert.deepEqual(call?.attributes, {
    "http.request.method": "GET",
    "server.address": "127.0.0.1",
    "server.port": port,
    "url.full": `http://127.0.0.1:${port}/a?access_token=[Redacted]`,
  });
  assert.equal({ ...request?.attributes }["url.path" as never], "/a");
  assert.ok(!JSON.stringify(sampler.asked).includes(SECRET));
});

test("a sampler's trace state goes on with the trace", async (t) => {
  const { createTraceState } = await import("@opentelemetry/api");
  const sampler = new Asked(() => ({ decision: RECORD_AND_SAMPLED, traceState: createTraceState("own=1") }));
  const recorder = recordTracing({ sampler });
  t.after(() => recorder.close());
  withSpan("work", ({ otel }) => assert.equal(otel.spanContext().traceState?.serialize(), "own=1"));
});

test("a sampler that throws costs the span and no more", async (t) => {
  const recorder = recordTracing({
    sampler: new Asked(() => {
      throw new Error("no");
    }),
  });
  t.after(() => recorder.close());
  assert.equal(
    withSpan("work", () => 7),
    7,
  );
  assert.equal(recorder.spans.length, 0);
});

test("keepErrors keeps what failed of what the sampler left out", async (t) => {
  const recorder = recordTracing({ sampler: new AlwaysOffSampler(), keepErrors: true });
  t.after(() => recorder.close());
  assert.throws(() =>
    withSpan("root", () => {
      throw new Error("no");
    }),
  );
  withSpan("well", () => {});
  assert.deepEqual(
    recorder.spans.map(({ name }) => name),
    ["root"],
  );
});

test("an OpenTracing span and its baggage go through sampler and processors as any other", async (t) => {
  const told = new Told();
  const sampler = new Asked(() => ({ decision: RECORD_AND_SAMPLED }));
  const recorder = recordTracing({ sampler, processors: [told] });
  t.after(() => recorder.close());
  const parent = tracer.startSpan("parent");
  tracer.startSpan("child", { childOf: parent }).finish();
  parent.finish();
  assert.equal(sampler.asked[1]?.parent, parent.context().toSpanId());
  assert.deepEqual(
    told.ends.map(({ name }) => name),
    ["child", "parent"],
  );
  assert.equal(propagation.getActiveBaggage(), undefined);
});
