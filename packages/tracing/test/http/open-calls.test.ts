import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { createServer, type ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { until } from "../../../../test/helpers/until.ts";
import { OpenCalls } from "../../src/http/open-calls.ts";
import { runningTracing } from "../../src/running/running.ts";
import { FakeClock, recordTracing, type TracingRecorder } from "../../src/testing.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import { Traffic } from "../../src/traffic/traffic.ts";
import { CLIENTS, type Client } from "../helpers/clients.ts";
import { listen } from "../helpers/tracing.ts";
import { REQUEST } from "../helpers/traffic.ts";

/**
 * A call whose answer has begun: the server's side of it, the caller's, and what was recorded. `lookIn` lets the watch over
 * open calls see a time so long after the headers, however long the test has taken by then.
 */
async function beginCall(t: TestContext, client: Client, firstBytes = 100) {
  const served = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200);
    response.write(Buffer.alloc(firstBytes));
    served.resolve(response);
  });
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const port = await listen(t, server);
  // Whole, so that what is added to it is exact.
  const answeredAtMs = Math.floor(performance.now());
  const stopped = t.mock.method(performance, "now", () => answeredAtMs);
  const answer = await client(`http://127.0.0.1:${port}/`);
  stopped.mock.restore();
  const lookIn = (ms: number): void => runningTracing()?.openCalls.look(answeredAtMs + ms);
  return { recorder, answer, response: await served.promise, lookIn };
}

const counted = (recorder: TracingRecorder): unknown =>
  recorder.traffic.counts(600).map(({ count, failures, aborted }) => [count, failures, aborted]);

for (const [name, client] of Object.entries(CLIENTS)) {
  test(`T5: the span of a call ends with the body, which is counted five seconds after its headers: ${name}`, async (t) => {
    const { recorder, answer, response, lookIn } = await beginCall(t, client);
    lookIn(4_900);
    assert.deepEqual(counted(recorder), []);
    lookIn(5_000);
    assert.deepEqual(counted(recorder), [[1, 0, 0]]);
    assert.equal(recorder.spans.length, 0, "the body goes on");
    response.end("y");
    for await (const _chunk of answer.body);
    await until(() => recorder.spans.length === 1);
    assert.equal(recorder.spans[0]?.status, 0);
    assert.deepEqual(counted(recorder), [[1, 0, 0]], "it is counted once");
  });

  test(`T5: a body that tears after it was counted turns that one count into a failure: ${name}`, async (t) => {
    const { recorder, answer, response, lookIn } = await beginCall(t, client);
    lookIn(5_000);
    response.destroy();
    await assert.rejects(async () => {
      for await (const _chunk of answer.body);
    });
    await until(() => recorder.spans.length === 1);
    assert.equal(recorder.spans[0]?.status, 2);
    assert.deepEqual(counted(recorder), [[1, 1, 0]]);
    const [series] = recorder.traffic.snapshot().series;
    assert.equal(series?.classes["2xx"], undefined);
    assert.ok(series?.failingSince);
  });

  test(`T5: an answer that nobody reads ends its span after sixty seconds, without a failure: ${name}`, async (t) => {
    // More than all buffers on the way hold.
    const { recorder, lookIn } = await beginCall(t, client, 16 * 1_024 * 1_024);
    lookIn(5_000);
    lookIn(59_000);
    assert.equal(recorder.spans.length, 0);
    // What the buffers take may still be on its way.
    for (let look = 1; look < 20 && recorder.spans.length === 0; look++) lookIn(60_000 * look);
    assert.equal(recorder.spans[0]?.status, 0);
    assert.equal(recorder.spans[0]?.attributes["http.response.status_code"], 200);
    assert.deepEqual(counted(recorder), [[1, 0, 0]]);
  });

  test(`T5: a stream that is read goes on after sixty seconds: ${name}`, async (t) => {
    const { recorder, answer, response, lookIn } = await beginCall(t, client);
    const chunks = answer.body[Symbol.asyncIterator]();
    await chunks.next();
    lookIn(5_000);
    for (let minute = 1; minute <= 3; minute++) {
      response.write("event");
      await chunks.next();
      lookIn(minute * 60_000);
      assert.equal(recorder.spans.length, 0, `after ${minute} minutes`);
    }
    response.end();
    assert.equal((await chunks.next()).done, true);
    await until(() => recorder.spans.length === 1);
  });

  test(`T5: close() ends the span of an answer that is on its way: ${name}`, async (t) => {
    const { recorder } = await beginCall(t, client);
    const accounts = await recorder.close();
    assert.equal(accounts.exported, 1);
    assert.equal(recorder.spans[0]?.attributes["http.response.status_code"], 200);
  });
}

test("T5: the latency that is counted is the time to the headers", async (t) => {
  const { recorder, answer, response } = await beginCall(t, CLIENTS.fetch as Client);
  const reading = (async () => {
    for await (const _chunk of answer.body);
  })();
  const nowMs = performance.now();
  t.mock.method(performance, "now", () => nowMs + 3_600_000);
  response.end();
  await reading;
  await until(() => recorder.traffic.counts(600).length === 1);
  const [series] = recorder.traffic.snapshot().series;
  const [bin = 0] = series?.latency.bins[0] ?? [];
  assert.ok(1.03 ** bin < 1_800_000, `bin ${bin}`);
});

test("OpenCalls keeps no context of the request that came first, and no timer when all have ended", (t) => {
  const storage = new AsyncLocalStorage<string>();
  let seen: unknown = "not asked";
  t.mock.timers.enable({ apis: ["setInterval"] });
  const calls = new OpenCalls();
  const call = {
    answeredAtMs: performance.now() - 10_000,
    count: () => {
      seen = storage.getStore();
      calls.delete(call);
    },
    leave: () => {},
    endUnread: () => true,
  };
  storage.run("a request", () => calls.add(call));
  t.mock.timers.tick(1_000);
  assert.equal(seen, undefined);
  seen = "not asked";
  t.mock.timers.tick(10_000);
  assert.equal(seen, "not asked");
});

test("T5: a late failure counts once in every window, whichever it still stands in", () => {
  const record: TrafficRecord = { ...REQUEST, side: "client", peer: "mirror:80", route: "GET" };
  for (const agoMs of [0, 4_000, 30_000, 300_000, 3_000_000]) {
    const clock = new FakeClock();
    const traffic = new Traffic({ service: "web", instance: "i", version: null, classify: undefined, clock });
    assert.equal(traffic.record(record), "success");
    void clock.advance(agoMs);
    traffic.recordLateFailure(record, "ECONNRESET", agoMs);
    for (const { windowS, count, failures, classes, latency } of traffic.snapshot().series) {
      assert.deepEqual(
        [count, failures, classes],
        [1, 1, { ECONNRESET: 1 }],
        `${windowS} s, after ${agoMs} ms`,
      );
      assert.equal(
        latency.bins.reduce((sum, [, bin]) => sum + bin, 0),
        1,
      );
    }
    assert.equal(traffic.snapshot().series.length, 3);
  }
});

test("T5: what classify calls a success stays one when its body tears", () => {
  const record: TrafficRecord = {
    side: "client",
    peer: "mirror:80",
    route: "GET",
    status: 200,
    errorType: undefined,
    aborted: false,
    durationMs: 12,
    trace: undefined,
    thrown: undefined,
  };
  const traffic = new Traffic({ service: "web", instance: "i", version: null, classify: () => "success" });
  traffic.record(record);
  traffic.recordLateFailure(record, "ECONNRESET", 0);
  assert.deepEqual(
    traffic.counts(600).map(({ count, failures }) => [count, failures]),
    [[1, 0]],
  );
});
