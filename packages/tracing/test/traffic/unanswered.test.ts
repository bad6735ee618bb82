import assert from "node:assert/strict";
import { createServer, get, type ServerResponse } from "node:http";
import { test } from "node:test";
import fc from "fast-check";
import { until } from "../../../../test/helpers/until.ts";
import { withTracing } from "../../src/node.ts";
import { recordTracing } from "../../src/testing.ts";
import { Unanswered, UnansweredRequests } from "../../src/traffic/unanswered.ts";
import { listen } from "../helpers/tracing.ts";

test("a request and a call that wait for an answer are shown after five seconds, and counted once when it comes", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const waiting: ServerResponse[] = [];
  const silent = await listen(
    t,
    createServer((_request, response) => void waiting.push(response)),
  );
  const ask = (done: () => void): void =>
    void get({ port: silent, path: "/orders" }, (answer) => answer.resume().once("end", done));
  const port = await listen(t, createServer(withTracing((_request, response) => ask(() => response.end()))));
  const answered = fetch(`http://127.0.0.1:${port}/`);
  // Outside of any request, such as a long poll: it keeps nobody waiting.
  ask(() => {});
  await until(() => waiting.length === 2);
  const shown = () =>
    recorder.traffic
      .snapshot()
      .series.filter(({ windowS }) => windowS === 10)
      .map(({ side, count, waiting: without }) => [side, count, without]);
  assert.deepEqual(shown(), []);
  const { now } = performance;
  const later = t.mock.method(performance, "now", () => now.call(performance) + 7_000);
  assert.deepEqual(shown(), [
    ["server", 1, 1],
    ["client", 1, 1],
  ]);
  const { latency } = recorder.traffic.snapshot().series[0]!;
  const [[bin, count] = [0, 0]] = latency.bins;
  assert.ok(count === 1 && latency.gamma ** bin >= 7_000, `${latency.gamma ** bin} ms`);
  later.mock.restore();
  for (const response of waiting) response.end();
  await (await answered).text();
  await until(() => shown().some(([side]) => side === "server"));
  assert.ok(
    shown().every(([, , without]) => without === undefined),
    JSON.stringify(shown()),
  );
});

class Waiting extends Unanswered {
  readonly startedAtMs: number;

  constructor(startedAtMs: number) {
    super();
    this.startedAtMs = startedAtMs;
  }

  waitsFor(): undefined {}
}

const lateOf = (all: UnansweredRequests, nowMs: number): number[] =>
  [...all.late(nowMs)].map(({ one }) => one.startedAtMs);

test("UnansweredRequests keeps ten thousand, the latest, and forgets what has waited for ten minutes", () => {
  const all = new UnansweredRequests();
  for (let i = 0; i <= 10_000; i++) all.add(new Waiting(i));
  assert.equal(lateOf(all, 20_000).length, 10_000);
  assert.equal(lateOf(all, 20_000)[0], 1);
  assert.deepEqual(lateOf(all, 5_003), [1, 2, 3]);
  assert.equal(lateOf(all, 605_000).length, 5_001);
});

test("UnansweredRequests takes each once, in order, and lets go of those that are answered, wherever they stand", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9))), (steps) => {
      const all = new UnansweredRequests();
      const each = Array.from({ length: 10 }, (_, i) => new Waiting(i));
      const model = new Set<Waiting>();
      for (const [adds, i] of steps) {
        const one = each[i] as Waiting;
        if (adds) all.add(one);
        else all.delete(one);
        if (adds) model.add(one);
        else model.delete(one);
      }
      assert.deepEqual(
        lateOf(all, 10_000),
        [...model].map(({ startedAtMs }) => startedAtMs),
      );
    }),
  );
});
