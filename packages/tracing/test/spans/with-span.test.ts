import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { currentSpan, traced, tracer, withSpan } from "../../src/index.ts";
import { recordTracing } from "../../src/testing.ts";

test("withSpan() gives back what the function does, and ends its span when that is done", async (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  assert.equal(
    withSpan("value", () => 7),
    7,
  );
  assert.equal(recorder.spans.length, 1, "at once, where nothing is waited for");
  const later = Promise.withResolvers<number>();
  const result = withSpan("promise", () => later.promise);
  assert.equal(recorder.spans.length, 1, "a promise keeps it open");
  later.resolve(8);
  assert.equal(await result, 8);
  assert.equal(recorder.spans.length, 2);
  // What is awaited need not be a Promise: query builders have a then() of their own.
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
  const query = { then: (done: (rows: number[]) => unknown) => done([1]) };
  withSpan("thenable", () => query);
  assert.equal(recorder.spans.length, 3);
  for (const span of recorder.spans) assert.equal(span.status, SpanStatusCode.UNSET);
});

test("withSpan() fails its span by what is thrown or rejected, and passes it on", async (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  const error = new RangeError("no");
  const thrown = (): never => {
    throw error;
  };
  assert.throws(
    () => withSpan("throws", thrown),
    (found) => found === error,
  );
  await assert.rejects(
    withSpan("rejects", async () => thrown()),
    (found) => found === error,
  );
  assert.throws(() =>
    withSpan("text", () => {
      throw "no Error";
    }),
  );
  for (const [name, type] of [
    ["throws", "RangeError"],
    ["rejects", "RangeError"],
    ["text", "string"],
  ] as const) {
    const span = recorder.span({ name, status: SpanStatusCode.ERROR, attributes: { "error.type": type } });
    assert.deepEqual(
      span.events.map((event) => [event.name, event.attributes["exception.type"]]),
      [["exception", type]],
    );
  }
});

test("traced() keeps this, arguments and result, each call in a span under the active one", async (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  class Cart {
    readonly #items = [1, 2];
    readonly load = traced(this.loadNow, { peer: "orders-db" });
    loadNow(this: Cart, more: number): number[] {
      return [...this.#items, more];
    }
  }
  const cart = new Cart();
  assert.deepEqual(
    withSpan("outer", () => cart.load(3)),
    [1, 2, 3],
  );
  recorder.span({ name: "loadNow", parent: "outer", attributes: { "peer.service": "orders-db" } });
  const named = traced(async (n: number) => n * 2, { name: "double", tags: { unit: "votes" } });
  assert.equal(await named(4), 8);
  recorder.span({ name: "double", attributes: { unit: "votes" } });
  traced(() => {})();
  recorder.span({ name: "anonymous" });
  const peers = recorder.traffic.snapshot().series.map((one) => one.peer);
  assert.deepEqual([...new Set(peers)], ["orders-db"]);
});

test("currentSpan() is the active span, the same object each time, and nothing outside", (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  assert.equal(currentSpan(), undefined);
  withSpan("outer", (span) => {
    assert.equal(currentSpan(), span);
    tracer.startSpan("not active").finish();
    assert.equal(currentSpan(), span);
    withSpan("inner", (inner) => assert.equal(currentSpan(), inner));
    assert.equal(currentSpan(), span);
  });
  assert.equal(currentSpan(), undefined);
});
