import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { tracer, withSpan } from "../../src/index.ts";
import { FakeClock, recordTracing } from "../../src/testing.ts";

test("recordTracing() keeps spans, draws their tree and finds the one that fits", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  await withSpan("load-cart", async (span) => {
    span.setTag("items", 3);
    await withSpan("select", { peer: "orders-db" }, async () => {});
    await assert.rejects(
      withSpan("insert", async () => {
        throw new RangeError("no");
      }),
    );
  });
  assert.equal(recorder.tree(), "load-cart\n  select\n  insert");
  const select = recorder.span({ name: "select", kind: SpanKind.CLIENT, parent: "load-cart" });
  assert.equal(select.attributes["peer.service"], "orders-db");
  const failed = recorder.span({ status: SpanStatusCode.ERROR, attributes: { "error.type": "RangeError" } });
  assert.equal(failed.name, "insert");
  assert.equal(failed.events[0]?.attributes["exception.message"], "no");
  assert.equal(recorder.span({ name: /^load/ }).attributes.items, 3);
  assert.throws(
    () => recorder.span({ name: "nothing" }),
    /0 spans fit, want one. Recorded:\nload-cart\n {2}select/,
  );
  assert.throws(() => recorder.span({ parent: "load-cart" }), /2 spans fit/);
  recorder.clear();
  assert.deepEqual(recorder.spans, []);
});

test("FakeClock drives the times of spans and the windows of traffic", async (t) => {
  const clock = new FakeClock(Date.parse("2026-11-20T08:00:00Z"));
  const recorder = recordTracing({ clock });
  t.after(() => recorder.close());
  withSpan("work", { peer: "db" }, () => {
    void clock.advance(250);
  });
  const span = recorder.span({ name: "work" });
  assert.equal(span.durationMs, 250);
  assert.equal(span.startMs, Date.parse("2026-11-20T08:00:00Z"));
  assert.equal(recorder.traffic.snapshot().series.length, 3);
  void clock.advance(600_000);
  assert.equal(recorder.traffic.snapshot().series.length, 0);
});

test("FakeClock may stand at the beginning of time: a span ends once", async (t) => {
  const recorder = recordTracing({ clock: new FakeClock(0) });
  t.after(() => recorder.close());
  const { otel } = tracer.startSpan("work");
  otel.end();
  assert.equal(otel.isRecording(), false);
  otel.end();
  assert.equal(recorder.spans.length, 1);
});

test("recordTracing() gives the process back when it is closed", async () => {
  const first = recordTracing();
  assert.throws(() => recordTracing(), /started already/);
  await first.close();
  const second = recordTracing({ sampleRatio: 0 });
  withSpan("unsampled", () => {});
  assert.equal(second.spans.length, 0);
  const { ended, unsampled } = await second.close();
  assert.deepEqual([ended, unsampled], [1, 1]);
});
