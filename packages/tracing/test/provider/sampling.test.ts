import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { createDebugToken } from "@whodunit/core";
import { until } from "../../../../test/helpers/until.ts";
import { suppress } from "../../src/context/suppress.ts";
import { tracer, withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { FakeClock, recordTracing } from "../../src/testing.ts";
import { ask, listen, listenAndForward, startTestTracing } from "../helpers/tracing.ts";

const SECRET = "a secret of enough length";
const unsampledParent = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-00` };

const quietly = <Result>(work: () => Result): Result => context.with(suppress(ROOT_CONTEXT), work);

test("a debug token samples its one request and goes on in the baggage; any other is ignored", async (t) => {
  process.env.WHODUNIT_DEBUG_SECRET = SECRET;
  t.after(() => {
    delete process.env.WHODUNIT_DEBUG_SECRET;
  });
  const { spans } = await startTestTracing(t, { sampleRatio: 0 });
  const { port, seen } = await listenAndForward(t);
  const token = createDebugToken(SECRET);
  const send = (headers: Record<string, string>) => quietly(() => ask(port, { headers }));

  await send({ ...unsampledParent });
  await send({ ...unsampledParent, "whodunit-debug": createDebugToken("another secret of length") });
  await send({ ...unsampledParent, baggage: "whodunit.debug=forged" });
  assert.equal((await spans()).length, 0);
  assert.equal(seen.at(-1)?.traceparent?.slice(-2), "00");

  await send({ ...unsampledParent, "whodunit-debug": token });
  assert.deepEqual((await spans()).map((span) => span.kind).sort(), [2, 3]);
  assert.equal(seen.at(-1)?.baggage, `whodunit.debug=${token}`);
  assert.equal(seen.at(-1)?.traceparent?.slice(-2), "01");

  await send({ ...unsampledParent, baggage: `whodunit.debug=${token}` });
  assert.equal((await spans()).length, 4, "in the baggage it is verified and counts as well");
});

test("debug tokens sample at most ten requests a second", async (t) => {
  process.env.WHODUNIT_DEBUG_SECRET = SECRET;
  t.after(() => {
    delete process.env.WHODUNIT_DEBUG_SECRET;
  });
  const { spans, tracing } = await startTestTracing(t, { sampleRatio: 0 });
  const port = await listen(
    t,
    createServer(
      withTracing((_request, response) => {
        response.end();
      }),
    ),
  );
  const headers = { "whodunit-debug": createDebugToken(SECRET) };
  // One second of its own for all of them.
  const nowMs = performance.now() + 10_000;
  const mocked = t.mock.method(performance, "now", () => nowMs);
  await quietly(() => Promise.all(Array.from({ length: 100 }, () => ask(port, { headers }))));
  mocked.mock.restore();
  assert.equal((await spans()).length, 10);
  assert.equal(tracing.traffic.snapshot().series.at(-1)?.count, 100, "traffic counts them all");
});

test("sampleRatio keeps its share of traces, a parent's decision goes before it", async (t) => {
  const recorder = recordTracing({ sampleRatio: 0.25 });
  t.after(() => recorder.close());
  for (let i = 0; i < 4_000; i++) withSpan("root", () => withSpan("child", () => {}));
  const roots = recorder.spans.filter((span) => span.name === "root").length;
  assert.ok(roots > 850 && roots < 1_150, `${roots} of 4,000`);
  assert.equal(recorder.spans.length, roots * 2, "a trace is kept whole");
});

test("at 1 % sampling every request is counted, and every span is exported or counted as unsampled", async (t) => {
  const requests = 5_000;
  const { spans, tracing, receiver } = await startTestTracing(t, { sampleRatio: 0.01 });
  let asked = 0;
  const port = await listen(
    t,
    createServer(
      withTracing((request, response) => {
        setRoute(request, response, "/votes");
        response.statusCode = asked++ % 50 === 0 ? 503 : 200;
        withSpan("insert", { peer: "orders-db" }, () => response.end("ok"));
      }),
    ),
  );
  const sockets = 20;
  const perSocket = requests / sockets;
  await Promise.all(Array.from({ length: sockets }, () => pipeline(port, perSocket)));
  await until(() => tracing.spans().ended === requests * 2);

  const received = await spans();
  const { ended, exported, unsampled, pending, dropped } = tracing.spans();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  assert.deepEqual([ended, pending, lost], [requests * 2, 0, 0]);
  assert.equal(exported + unsampled, ended);
  assert.equal(exported, received.length);
  assert.equal(new Set(receiver.spans.map((span) => span.spanId)).size, exported);
  // 50 traces of 5,000 on average; six standard deviations off happens to nobody.
  assert.ok(exported >= 2 * 10 && exported <= 2 * 95, `${exported / 2} traces`);

  const series = tracing.traffic.snapshot().series.filter((one) => one.windowS === 600);
  assert.deepEqual(
    series.map(({ side, peer, route, count, failures, aborted, classes }) => ({
      ...{ side, peer, route, count, failures, aborted, classes },
    })),
    [
      {
        side: "server",
        peer: "unknown",
        route: "GET /votes",
        count: requests,
        failures: requests / 50,
        aborted: 0,
        classes: { "2xx": requests * 0.98, "5xx": requests / 50 },
      },
      {
        side: "client",
        peer: "orders-db",
        route: "insert",
        count: requests,
        failures: 0,
        aborted: 0,
        classes: { ok: requests },
      },
    ],
  );
  for (const { latency, count } of series)
    assert.equal(
      latency.bins.reduce((sum, [, binned]) => sum + binned, 0),
      count,
    );
});

/** Sends requests one after the other's head over one connection, and waits for all answers. */
async function pipeline(port: number, requests: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  let answers = 0;
  let rest = "";
  const done = Promise.withResolvers<void>();
  socket.on("error", done.reject);
  socket.on("data", (chunk) => {
    const parts = (rest + chunk.toString("latin1")).split("\r\n\r\nok");
    rest = parts.pop() ?? "";
    answers += parts.length;
    if (answers === requests) done.resolve();
  });
  socket.write("GET /votes HTTP/1.1\r\nHost: a\r\n\r\n".repeat(requests));
  await done.promise;
  socket.destroy();
}

test("keepErrors keeps the failed spans and the local root of a trace that is not sampled", async (t) => {
  const recorder = recordTracing({ sampleRatio: 0, keepErrors: true });
  t.after(() => recorder.close());
  const fail = () => {
    throw new RangeError("no");
  };
  withSpan("well", () => withSpan("inner", () => {}));
  assert.equal(recorder.spans.length, 0);
  withSpan("caught", () => {
    withSpan("fine", () => {});
    assert.throws(() => withSpan("broken", fail));
  });
  assert.equal(recorder.tree(), "caught\n  broken");
  recorder.clear();
  assert.throws(() => withSpan("root", () => withSpan("inner", fail)));
  assert.equal(recorder.tree(), "root\n  inner");
  recorder.clear();
  assert.throws(() => withSpan("alone", fail));
  assert.equal(recorder.tree(), "alone");
  recorder.clear();
  const root = tracer.startSpan("root");
  tracer.startSpan("child", { childOf: root }).setTag("error", true).finish();
  root.finish();
  assert.equal(recorder.tree(), "root\n  child", "of a parent that is named, and not active");
  const { ended, exported, unsampled, pending } = await recorder.close();
  assert.deepEqual([ended, exported, unsampled, pending], [10, 7, 3, 0]);
});

test("keepErrors at 1 % keeps every request that failed, and no more than its share of the others", async (t) => {
  // On which no request takes a second, which would be a reason to keep it.
  const clock = new FakeClock();
  const recorder = recordTracing({ sampleRatio: 0.01, keepErrors: true, clock });
  t.after(() => recorder.close());
  let asked = 0;
  const port = await listen(
    t,
    createServer(
      withTracing((_request, response) => {
        response.statusCode = asked++ % 10 === 0 ? 503 : 200;
        withSpan("work", () => response.end("ok"));
      }),
    ),
  );
  await Promise.all(Array.from({ length: 10 }, () => pipeline(port, 200)));
  const series = () => recorder.traffic.snapshot().series.find((one) => one.windowS === 600);
  await until(() => series()?.count === 2_000);
  assert.equal(series()?.failures, 200);
  const servers = recorder.spans.filter((span) => span.kind === SpanKind.SERVER);
  const failed = servers.filter((span) => span.status === SpanStatusCode.ERROR);
  assert.equal(failed.length, 200);
  const exemplar = series()?.exemplar;
  assert.ok(recorder.spans.some((span) => span.spanId === exemplar?.spanId));
  // Eighteen of 1,800 on average.
  assert.ok(servers.length - failed.length <= 50, `${servers.length - failed.length} that went well`);
});

test("keepErrors: a request that went well and is not sampled is no exemplar, one that failed is", (t) => {
  const recorder = recordTracing({ sampleRatio: 0, keepErrors: true });
  t.after(() => recorder.close());
  const exemplar = () => recorder.traffic.snapshot().series[0]?.exemplar;
  withSpan("call", { peer: "db" }, () => {});
  assert.equal(exemplar(), null, "its trace is nowhere to be found");
  withSpan("call", { peer: "db" }, (span) => span.setTag("error", true));
  assert.equal(exemplar()?.spanId, recorder.span({ name: "call" }).spanId);
});

test("keepErrors keeps a local root that took a second, and not what is below it", async (t) => {
  const clock = new FakeClock();
  const recorder = recordTracing({ sampleRatio: 0, keepErrors: true, clock });
  t.after(() => recorder.close());
  for (const ms of [999, 1_000]) {
    await withSpan(`root-${ms}`, () => withSpan("inner", () => clock.advance(ms)));
  }
  assert.equal(recorder.tree(), "root-1000");
});

test("keepErrors holds at most sixteen failed spans a trace", async (t) => {
  const recorder = recordTracing({ sampleRatio: 0, keepErrors: true });
  t.after(() => recorder.close());
  withSpan("root", () => {
    for (let i = 0; i < 100; i++) withSpan("broken", (span) => span.setTag("error", true));
  });
  assert.equal(recorder.spans.length, 17);
  const { ended, exported, unsampled } = await recorder.close();
  assert.deepEqual([ended, exported, unsampled], [101, 17, 84]);
});

test("OTEL_TRACES_SAMPLER is honoured, and refused where it cannot be", async (t) => {
  t.after(() => {
    delete process.env.OTEL_TRACES_SAMPLER;
    delete process.env.OTEL_TRACES_SAMPLER_ARG;
  });
  process.env.OTEL_TRACES_SAMPLER = "always_off";
  const { spans, tracing } = await startTestTracing(t);
  withSpan("a", () => {});
  assert.equal((await spans()).length, 0);
  assert.equal(tracing.spans().unsampled, 1);
  await tracing.close();
  process.env.OTEL_TRACES_SAMPLER = "jaeger_remote";
  await assert.rejects(startTestTracing(t), /OTEL_TRACES_SAMPLER is "jaeger_remote", want "always_on" or/);
  process.env.OTEL_TRACES_SAMPLER = "traceidratio";
  process.env.OTEL_TRACES_SAMPLER_ARG = "2";
  await assert.rejects(startTestTracing(t), /OTEL_TRACES_SAMPLER_ARG is "2", want a number from 0 to 1/);
});
