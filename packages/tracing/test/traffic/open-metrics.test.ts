import assert from "node:assert/strict";
import { createServer } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import Fastify from "fastify";
import { suppress } from "../../src/context/suppress.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { FakeClock, recordTracing } from "../../src/testing.ts";
import { BOUNDARIES } from "../../src/traffic/durations.ts";
import { Traffic, type TrafficRecord } from "../../src/traffic/traffic.ts";
import { ask, BEARER, listen } from "../helpers/tracing.ts";

const START = Date.parse("2026-11-20T08:00:00.000Z");
// What Prometheus 3 sends.
const SCRAPE =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

const REQUEST: TrafficRecord = {
  side: "server",
  peer: 'a "b" \\',
  route: "GET /a\nb",
  status: 200,
  errorType: undefined,
  aborted: false,
  durationMs: 12,
  trace: undefined,
  thrown: undefined,
};

function createTraffic() {
  const clock = new FakeClock(START);
  const options = { service: "web", instance: "i1", version: null, classify: undefined };
  return { clock, traffic: new Traffic({ ...options, clock }) };
}

const trace = (digit: string) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) });

test("openMetrics() counts since the start, with one recent exemplar a bucket", async () => {
  const { traffic, clock } = createTraffic();
  traffic.record({ ...REQUEST, trace: trace("1") });
  traffic.record({ ...REQUEST, durationMs: 15, trace: trace("2") });
  traffic.record({ ...REQUEST, durationMs: 15, status: 500 });
  traffic.record({ ...REQUEST, durationMs: 25_000, status: 500, trace: trace("3") });
  traffic.record({ ...REQUEST, aborted: true, trace: trace("4") });
  const labels = 'side="server",peer="a \\"b\\" \\\\",route="GET /a\\nb"';
  const bucket = (bound: string, rest: string) =>
    `whodunit_request_duration_seconds_bucket{${labels},le="${bound}"} ${rest}`;
  const at = START / 1_000;
  const two = `3 # {trace_id="${"2".repeat(32)}",span_id="${"2".repeat(16)}"} 0.015 ${at}`;
  const three = `4 # {trace_id="${"3".repeat(32)}",span_id="${"3".repeat(16)}"} 25 ${at}`;
  assert.deepEqual((await textOf(traffic.openMetrics())).split("\n"), [
    "# TYPE whodunit_request_duration_seconds histogram",
    "# UNIT whodunit_request_duration_seconds seconds",
    bucket("0.005", "0"),
    bucket("0.01", "0"),
    bucket("0.025", two),
    ...["0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0", "2.5", "5.0", "7.5", "10.0"].map((bound) =>
      bucket(bound, "3"),
    ),
    bucket("+Inf", three),
    `whodunit_request_duration_seconds_count{${labels}} 4`,
    `whodunit_request_duration_seconds_sum{${labels}} 25.042`,
    "# TYPE whodunit_request_failures counter",
    `whodunit_request_failures_total{${labels}} 2`,
    "# TYPE whodunit_requests_aborted counter",
    `whodunit_requests_aborted_total{${labels}} 1`,
    "# EOF",
    "",
  ]);
  void clock.advance(600_001);
  assert.doesNotMatch(await textOf(traffic.openMetrics()), /trace_id/, "a trace of long ago is no example");
  assert.match(await textOf(traffic.openMetrics()), /_count\{[^}]+\} 4\n/, "what was counted stays counted");
});

const quietly = <Result>(work: () => Result): Result => context.with(suppress(ROOT_CONTEXT), work);

test("GET /debug/traffic answers a scraper in OpenMetrics: each exemplar is a span that was recorded", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const port = await listen(
    t,
    createServer(
      withTracing((request, response) => {
        setRoute(request, response, "/votes");
        response.end();
      }),
    ),
  );
  const scrape = (more = {}) => ask(port, { path: "/debug/traffic", headers: { accept: SCRAPE, ...more } });
  await quietly(async () => {
    for (let i = 0; i < 3; i++) await ask(port, { path: "/votes" });
    assert.equal((await scrape({ authorization: "" })).status, 401, "guarded as ever");
    const { headers, body } = await scrape();
    assert.equal(headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    const lines = body.split("\n").filter((line) => line.includes("_bucket{"));
    assert.equal(lines.length, BOUNDARIES.length + 1);
    let below = 0;
    let exemplars = 0;
    for (const line of lines) {
      const [, bound = "", count = "", shown] = /le="([^"]+)"\} (\d+)(?: # (.+))?$/.exec(line) ?? [];
      assert.ok(Number(count) >= below);
      if (shown !== undefined) {
        exemplars++;
        const [, traceId, spanId, value] =
          /^\{trace_id="(\w+)",span_id="(\w+)"\} (\S+) \S+$/.exec(shown) ?? [];
        const span = recorder.spans.find((one) => one.spanId === spanId);
        assert.equal(span?.traceId, traceId);
        assert.ok(Number(count) > below && Number(value) <= Number(bound.replace("+Inf", "Infinity")));
      }
      below = Number(count);
    }
    assert.equal(below, 3);
    assert.ok(exemplars >= 1);
    assert.equal(JSON.parse((await ask(port, { path: "/debug/traffic" })).body).service, "web");
  });
});

test("fastify 5: GET /debug/traffic answers a scraper in OpenMetrics", async (t) => {
  const recorder = recordTracing({ service: "web" });
  const app = Fastify();
  t.after(() => Promise.all([recorder.close(), app.close()]));
  await app.register(tracingPlugin);
  const answer = await app.inject({ url: "/debug/traffic", headers: { accept: SCRAPE, ...BEARER } });
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers["content-type"]), /^application\/openmetrics-text/);
  assert.equal(answer.body.endsWith("# EOF\n"), true);
});
