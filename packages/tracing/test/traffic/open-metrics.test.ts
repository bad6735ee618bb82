import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { reportChange } from "@whodunit/core";
import Fastify from "fastify";
import { suppress } from "../../src/context/suppress.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import type { ResourceWindow } from "../../src/resources/resources.ts";
import { FakeClock, recordTracing } from "../../src/testing.ts";
import { BOUNDARIES } from "../../src/traffic/durations.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import { Traffic } from "../../src/traffic/traffic.ts";
import { ask, BEARER, listen } from "../helpers/tracing.ts";
import { createTraffic, REQUEST as GOOD, START } from "../helpers/traffic.ts";

// What Prometheus 3 sends.
const SCRAPE =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

const REQUEST: TrafficRecord = { ...GOOD, peer: 'a "b" \\', route: "GET /a\nb" };

const trace = (digit: string) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) });

const OWN = 'service_name="web",service_instance_id="i1"';

/** The lines of one metric, without its name. */
const linesOf = (text: string, metric: string): string[] =>
  text.split("\n").flatMap((line) => (line.startsWith(`${metric}{`) ? [line.slice(metric.length)] : []));

test("scrape() counts requests since the start by class and outcome, each with its latest recent trace", () => {
  const { traffic, clock } = createTraffic();
  traffic.record({ ...REQUEST, trace: trace("1") });
  traffic.record({ ...REQUEST, trace: trace("2") });
  traffic.record({ ...REQUEST, status: 404 });
  traffic.record({ ...REQUEST, status: 500, trace: trace("3") });
  traffic.record({ ...REQUEST, aborted: true });
  traffic.record({ ...REQUEST, side: "client", peer: "db", route: "query", status: undefined });
  const call: TrafficRecord = { ...REQUEST, side: "client", peer: "voting:80", route: "GET" };
  traffic.record(call);
  traffic.recordLateFailure(call, "ECONNRESET", 0);
  const labels = `${OWN},side="server",peer="a \\"b\\" \\\\",route="GET /a\\nb"`;
  const at = START / 1_000;
  const exemplar = (digit: string): string =>
    ` # {trace_id="${digit.repeat(32)}",span_id="${digit.repeat(16)}"} 1 ${at}`;
  const lines = linesOf(traffic.scrape("openmetrics"), "whodunit_requests_total");
  assert.deepEqual(lines, [
    `{${labels},class="2xx",outcome="success"} 2${exemplar("2")}`,
    `{${labels},class="4xx",outcome="success"} 1`,
    `{${labels},class="5xx",outcome="failure"} 1${exemplar("3")}`,
    `{${labels},class="aborted",outcome="aborted"} 1`,
    `{${OWN},side="client",peer="db",route="query",class="ok",outcome="success"} 1`,
    `{${OWN},side="client",peer="voting:80",route="GET",class="2xx",outcome="success"} 1`,
    `{${OWN},side="client",peer="voting:80",route="GET",class="ECONNRESET",outcome="late_failure"} 1`,
  ]);
  void clock.advance(600_001);
  assert.doesNotMatch(traffic.scrape("openmetrics"), /trace_id/, "a trace of long ago is no example");
  assert.equal(linesOf(traffic.scrape("openmetrics"), "whodunit_requests_total").length, 7);
});

test("scrape() tells times to headers by route of a service and by callee, one recent exemplar a bucket", () => {
  const { traffic } = createTraffic();
  traffic.record({ ...REQUEST, trace: trace("1") });
  traffic.record({ ...REQUEST, peer: "another", durationMs: 15, trace: trace("2") });
  traffic.record({ ...REQUEST, durationMs: 25_000, status: 500, trace: trace("3") });
  traffic.record({ ...REQUEST, aborted: true, trace: trace("4") });
  traffic.record({ ...REQUEST, side: "client", peer: "db", route: "query", durationMs: 5_000 });
  traffic.record({ ...REQUEST, side: "client", peer: "db", route: "insert", durationMs: 5_000 });
  const text = traffic.scrape("openmetrics");
  const labels = `${OWN},side="server",route="GET /a\\nb"`;
  const at = START / 1_000;
  const two = `2 # {trace_id="${"2".repeat(32)}",span_id="${"2".repeat(16)}"} 0.015 ${at}`;
  const three = `3 # {trace_id="${"3".repeat(32)}",span_id="${"3".repeat(16)}"} 25 ${at}`;
  const buckets = linesOf(text, "whodunit_request_duration_seconds_bucket");
  assert.deepEqual(buckets.slice(0, 15), [
    ...["0.005", "0.01"].map((bound) => `{${labels},le="${bound}"} 0`),
    `{${labels},le="0.025"} ${two}`,
    ...["0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0", "2.5", "5.0", "7.5", "10.0"].map(
      (bound) => `{${labels},le="${bound}"} 2`,
    ),
    `{${labels},le="+Inf"} ${three}`,
  ]);
  assert.equal(buckets.length, 30);
  assert.deepEqual(linesOf(text, "whodunit_request_duration_seconds_count"), [
    `{${labels}} 3`,
    `{${OWN},side="client",peer="db"} 2`,
  ]);
  assert.deepEqual(linesOf(text, "whodunit_request_duration_seconds_sum"), [
    `{${labels}} 25.027`,
    `{${OWN},side="client",peer="db"} 10`,
  ]);
});

test("scrape() tells the version, the start, what was changed and what the process has", () => {
  const clock = new FakeClock(START);
  const window: ResourceWindow = {
    ...{ windowS: 60, seconds: 60, eventLoop: { utilization: 0.4, delayMs: { mean: 2, max: 30 } } },
    gc: { share: 0.02, longestMs: 12 },
    cpu: { used: 0.7, limit: 2, throttled: 0.1, queued: null },
    memory: { heapBytes: 10, heapLimitBytes: 20, rssBytes: 30, rssLimitBytes: null },
    waits: Array.from({ length: 9 }, (_, i) => {
      return { kind: "pool", name: `pool-${i}`, waiting: 1.5, size: i === 0 ? null : 10 } as const;
    }),
  };
  const traffic = new Traffic({
    ...{ service: "web", instance: "i1", version: "1.8.3", classify: undefined, clock },
    resources: () => [{ ...window, windowS: 10, seconds: 10 }, window],
  });
  for (let i = 0; i < 9; i++) reportChange(`flag "checkout" ${i % 7}`);
  const text = traffic.scrape("openmetrics");
  const own = `${OWN},service_version="1.8.3"`;
  assert.ok(text.includes(`whodunit_start_time_seconds{${own}} ${START / 1_000}\n`), text);
  assert.equal(linesOf(text, "whodunit_change_time_seconds").length, 6, "the latest six, each once");
  assert.match(text, /whodunit_change_time_seconds\{[^}]+,kind="report",what="flag \\"checkout\\" 1"\} \d+/);
  assert.ok(text.includes(`whodunit_eventloop_utilization_ratio{${own}} 0.4\n`));
  assert.ok(text.includes(`whodunit_eventloop_delay_max_seconds{${own}} 0.03\n`));
  assert.ok(text.includes(`whodunit_cpu_throttled_ratio{${own}} 0.1\n`));
  assert.ok(!text.includes("whodunit_cpu_queued_ratio"), "what is not known is not told");
  assert.equal(linesOf(text, "whodunit_connections_waiting").length, 4);
  assert.deepEqual(linesOf(text, "whodunit_connections_limit")[0], `{${own},kind="pool",name="pool-1"} 10`);
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

test("GET /debug/traffic answers a scraper that reads no OpenMetrics in Prometheus' own text", async (t) => {
  const recorder = recordTracing({ service: "web" });
  const app = Fastify();
  t.after(() => Promise.all([recorder.close(), app.close()]));
  await app.register(tracingPlugin);
  app.get("/votes", () => "");
  await app.inject("/votes");
  // What VictoriaMetrics' vmagent sends.
  const accept = "text/plain;version=0.0.4;q=1,*/*;q=0.1";
  const answer = await app.inject({ url: "/debug/traffic", headers: { accept, ...BEARER } });
  assert.equal(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  assert.match(answer.body, /^# TYPE whodunit_requests_total counter$/m);
  assert.match(answer.body, /^whodunit_requests_total\{.+,route="GET \/votes",class="2xx".+\} 1$/m);
  assert.doesNotMatch(answer.body, /# (?:EOF|UNIT|\{)/);
  const person = await app.inject({ url: "/debug/traffic", headers: { accept: "text/plain", ...BEARER } });
  assert.match(String(person.headers["content-type"]), /^application\/json/);
});

const PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
const ASKED: readonly (readonly [accept: string, contentType: RegExp])[] = [
  ["text/plain;version=0.0.4", /^text\/plain; version=0\.0\.4/],
  ["text/plain; charset=utf-8; version=0.0.4", /^text\/plain; version=0\.0\.4/],
  ['Text/Plain ; Version="0.0.4" ; Q=1', /^text\/plain; version=0\.0\.4/],
  [`${PROTOBUF};q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1`, /^text\/plain; version=0\.0\.4/],
  ["text/plain;q=0.2,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", /^text\/plain; version=0\.0\.4/],
  ["application/openmetrics-text;q=0,text/plain;version=0.0.4", /^text\/plain; version=0\.0\.4/],
  ["APPLICATION/OpenMetrics-Text; version=1.0.0", /^application\/openmetrics-text/],
  [
    "text/plain;version=0.0.4;q=0.2,application/openmetrics-text;version=1.0.0;q=0.5",
    /^application\/openmetrics-text/,
  ],
  ["text/plain;version=0.0.4;q=0, application/openmetrics-text", /^application\/openmetrics-text/],
  ["application/json, application/openmetrics-text;q=0.5", /^application\/json/],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", /^application\/json/],
  ["*/*", /^application\/json/],
  ["text/*", /^application\/json/],
  ["image/png", /^application\/json/],
  ["", /^application\/json/],
];

test("H6: GET /debug/traffic gives each scraper the format that it asks for, however it asks", async (t) => {
  const recorder = recordTracing({ service: "web" });
  const app = Fastify();
  t.after(() => Promise.all([recorder.close(), app.close()]));
  await app.register(tracingPlugin);
  for (const [accept, contentType] of ASKED) {
    const answer = await app.inject({ url: "/debug/traffic", headers: { accept, ...BEARER } });
    assert.equal(answer.statusCode, 200, accept);
    assert.match(String(answer.headers["content-type"]), contentType, accept);
  }
});
