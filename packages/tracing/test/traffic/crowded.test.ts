import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import fc from "fast-check";
import { suppress } from "../../src/context/suppress.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { recordTracing } from "../../src/testing.ts";
import type { TrafficSeries } from "../../src/traffic/series.ts";
import type { Traffic } from "../../src/traffic/traffic.ts";
import { ask, listen } from "../helpers/tracing.ts";
import { createTraffic } from "../helpers/traffic.ts";

const window = (traffic: Traffic): readonly TrafficSeries[] =>
  traffic.snapshot().series.filter((one) => one.windowS === 600);
const peersOf = (traffic: Traffic, route: string): string[] =>
  window(traffic).flatMap((one) => (one.route === route ? [one.peer] : []));
const sum = (series: readonly TrafficSeries[]): number => series.reduce((total, one) => total + one.count, 0);

test("T8: 1,100 requests that name themselves one by one hide no route, and few of their names are told", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const port = await listen(
    t,
    createServer(
      withTracing((request, response) => {
        setRoute(request, response, String(request.url));
        response.end();
      }),
    ),
  );
  await context.with(suppress(ROOT_CONTEXT), async () => {
    for (let i = 0; i < 1_100; i++) {
      const spanId = (i + 1).toString(16).padStart(16, "0");
      const traceparent = `00-${"a".repeat(32)}-${spanId}-01`;
      await ask(port, {
        path: "/login",
        headers: { traceparent, tracestate: `whodunit=evil${i}:${spanId}` },
      });
    }
    for (let i = 0; i < 20; i++) await ask(port, { path: `/new-${i}` });
  });
  const series = recorder.traffic.snapshot().series.filter((one) => one.windowS === 600);
  const named = series.filter((one) => one.route === "GET /login");
  assert.ok(named.length <= 65, `${named.length} callers of one route`);
  assert.equal(sum(named), 1_100, "the route's counts are true");
  for (let i = 0; i < 20; i++) assert.equal(sum(series.filter((one) => one.route === `GET /new-${i}`)), 1);
  const text = recorder.traffic.scrape("openmetrics");
  assert.ok(new Set(text.match(/peer="evil\d+"/g)).size <= 64);
});

test("T8: callers of many routes fill the table; a route and a callee that come later are still told by name", () => {
  const { traffic, record } = createTraffic();
  for (let route = 0; route < 30; route++) {
    for (let i = 0; i < 80; i++) record({ route: `GET /${route}`, peer: `caller-${i}` });
  }
  for (let i = 0; i < 100; i++) {
    record({ route: `GET /late-${i}` });
    record({ side: "client", peer: `callee-${i}`, route: "GET" });
  }
  const series = window(traffic);
  assert.ok(series.length <= 1_000, `${series.length} series`);
  for (let route = 0; route < 30; route++) {
    assert.equal(sum(series.filter((one) => one.route === `GET /${route}`)), 80, `GET /${route}`);
  }
  for (let i = 0; i < 100; i++) {
    assert.deepEqual(peersOf(traffic, `GET /late-${i}`), ["web"]);
    assert.ok(
      series.some((one) => one.peer === `callee-${i}`),
      `callee-${i}`,
    );
  }
});

test("T8: targets of webhooks that are never asked twice hide no route of the service", () => {
  const { traffic, record } = createTraffic();
  for (let i = 0; i < 1_500; i++) record({ side: "client", peer: `hook-${i}.example`, route: "POST" });
  record({ route: "GET /late" });
  record({ side: "client", peer: "orders", route: "DELETE" });
  assert.deepEqual(peersOf(traffic, "GET /late"), ["web"]);
  assert.deepEqual(peersOf(traffic, "DELETE"), ["orders"]);
  assert.equal(sum(window(traffic).filter((one) => one.route === "POST")), 1_500);
});

test("T8: who calls all the time keeps its name while strangers come and go", () => {
  const { clock, traffic, record } = createTraffic();
  for (let i = 0; i < 500; i++) {
    void clock.advance(1);
    record({ peer: "checkout" });
    record({ peer: `evil-${i}` });
  }
  const own = window(traffic).find((one) => one.peer === "checkout");
  assert.equal(own?.count, 500);
});

test("T8: a caller that comes after the strangers have gone is told by name again", () => {
  const { clock, traffic, record } = createTraffic();
  for (let i = 0; i < 500; i++) record({ peer: `evil-${i}` });
  void clock.advance(600_001);
  record({ peer: "checkout" });
  assert.deepEqual(peersOf(traffic, "GET /a"), ["checkout"]);
});

test("Traffic loses no request and keeps its bound, whoever calls what in whatever order", () => {
  const name = (prefix: string, max: number) => fc.nat(max).map((n) => `${prefix}-${n}`);
  const burst = fc.record({
    side: fc.constantFrom<"server" | "client">("server", "client"),
    route: name("route", 1_200),
    peer: name("peer", 20),
    peers: fc.nat(150),
    routes: fc.nat(150),
    afterMs: fc.constantFrom(0, 0, 1_000, 59_000, 61_000),
  });
  fc.assert(
    fc.property(fc.array(burst, { maxLength: 20 }), (bursts) => {
      const { clock, traffic, record } = createTraffic();
      const recent: { atMs: number; count: number }[] = [];
      for (const { side, route, peer, peers, routes, afterMs } of bursts) {
        void clock.advance(afterMs);
        for (let i = 0; i <= peers; i++) record({ side, route, peer: `${peer}-${i}` });
        for (let i = 0; i <= routes; i++) record({ side, route: `${route}-${i}`, peer });
        recent.push({ atMs: clock.now(), count: peers + routes + 2 });
        const oldest = Math.floor(clock.now() / 60_000) - 10;
        const inside = recent.filter(({ atMs }) => Math.floor(atMs / 60_000) > oldest);
        const series = window(traffic);
        assert.ok(series.length <= 1_000, `${series.length} series`);
        assert.equal(
          sum(series),
          inside.reduce((total, one) => total + one.count, 0),
        );
      }
    }),
    { numRuns: 30 },
  );
});
