import assert from "node:assert/strict";
import { test } from "node:test";
import { reportChange } from "@whodunit/core";
import fc from "fast-check";
import { binOf, GAMMA } from "../../src/traffic/histogram.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import { Traffic } from "../../src/traffic/traffic.ts";
import { createTraffic, REQUEST } from "../helpers/traffic.ts";

const window = (traffic: Traffic, windowS: number) =>
  traffic.snapshot().series.filter((one) => one.windowS === windowS);

test("Traffic counts successes, failures, aborts and classes exactly, per side, peer and route", () => {
  const { traffic } = createTraffic();
  for (let i = 0; i < 7; i++) traffic.record(REQUEST);
  for (let i = 0; i < 3; i++) traffic.record({ ...REQUEST, status: 500 });
  for (let i = 0; i < 2; i++) traffic.record({ ...REQUEST, status: 404 });
  traffic.record({ ...REQUEST, aborted: true });
  traffic.record({ ...REQUEST, peer: "other" });
  traffic.record({ ...REQUEST, side: "client", status: undefined, errorType: "ECONNREFUSED" });
  const [first, ...rest] = window(traffic, 60);
  assert.deepEqual(
    { ...first, latency: null, failingSince: null },
    {
      side: "server",
      peer: "web",
      route: "GET /a",
      windowS: 60,
      count: 12,
      failures: 3,
      aborted: 1,
      classes: { "2xx": 7, "4xx": 2, "5xx": 3 },
      failingSince: null,
      latency: null,
      exemplar: null,
    },
  );
  assert.equal(first?.latency.gamma, GAMMA);
  assert.deepEqual(first?.latency.bins, [[binOf(12), 12]]);
  assert.deepEqual(
    rest.map((one) => [one.side, one.peer, one.count, one.failures, one.classes]),
    [
      ["server", "other", 1, 0, { "2xx": 1 }],
      ["client", "web", 1, 1, { ECONNREFUSED: 1 }],
    ],
  );
});

test("Traffic windows slide: what is older than a window is not in it", () => {
  const { traffic, clock } = createTraffic();
  traffic.record(REQUEST);
  const counts = () => [10, 60, 600].map((windowS) => window(traffic, windowS)[0]?.count ?? 0);
  assert.deepEqual(counts(), [1, 1, 1]);
  void clock.advance(9_999);
  assert.deepEqual(counts(), [1, 1, 1]);
  void clock.advance(1);
  assert.deepEqual(counts(), [0, 1, 1]);
  void clock.advance(60_000 - clock.now());
  assert.deepEqual(counts(), [0, 0, 1]);
  void clock.advance(600_000 - clock.now());
  assert.deepEqual(counts(), [0, 0, 0]);
  traffic.record(REQUEST);
  assert.deepEqual(counts(), [1, 1, 1], "a slot is used again");
});

test("Traffic tells since when a series is failing, and null once a minute has passed without a failure", () => {
  const { traffic, clock } = createTraffic();
  const since = () => window(traffic, 600)[0]?.failingSince;
  traffic.record(REQUEST);
  assert.equal(since(), null);
  void clock.advance(5_000 - clock.now());
  traffic.record({ ...REQUEST, status: 500 });
  for (let i = 0; i < 10; i++) {
    void clock.advance(30_000);
    traffic.record(REQUEST);
    traffic.record({ ...REQUEST, status: 500 });
  }
  assert.equal(since(), "2026-11-20T08:00:05.000Z", "successes in between do not end the run");
  void clock.advance(60_001);
  assert.equal(since(), null);
  traffic.record({ ...REQUEST, status: 500 });
  assert.equal(since(), new Date(clock.wall()).toISOString());
});

test("Traffic shows the latest failed trace before the latest of all, and none older than the window", () => {
  const { traffic, clock } = createTraffic();
  const traced = (spanId: string, more = {}) =>
    traffic.record({ ...REQUEST, ...more, trace: { traceId: "t".repeat(32), spanId } });
  traced("failed", { status: 500, thrown: "RangeError" });
  void clock.advance(15_000);
  traced("well");
  assert.deepEqual(window(traffic, 60)[0]?.exemplar, {
    traceId: "t".repeat(32),
    spanId: "failed",
    at: "2026-11-20T08:00:00.000Z",
    status: 500,
    failed: true,
    error: "RangeError",
  });
  assert.equal(window(traffic, 10)[0]?.exemplar?.spanId, "well");
});

test("Traffic asks classify what fails, and falls back when it throws or answers nonsense", () => {
  const outcomes: unknown[] = [];
  const { traffic } = createTraffic({
    classify: (outcome) => {
      outcomes.push(outcome);
      if (outcome.status === 404) return "failure";
      if (outcome.status === 500) return "success";
      throw new Error("classify is broken");
    },
  });
  assert.equal(traffic.record({ ...REQUEST, status: 404 }), "failure");
  assert.equal(traffic.record({ ...REQUEST, status: 500 }), "success");
  assert.equal(traffic.record({ ...REQUEST, status: 503 }), "failure");
  assert.equal(traffic.record({ ...REQUEST, status: 500, aborted: true }), "aborted");
  assert.equal(outcomes.length, 3, "an abort is not judged");
});

test("binOf() puts every latency in the bin that holds it, within 1.5 % of the bin's value", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.011, max: 3_500_000, noNaN: true }), (latencyMs) => {
      const bin = binOf(latencyMs);
      assert.ok(latencyMs > GAMMA ** (bin - 1) * (1 - 1e-9));
      assert.ok(latencyMs <= GAMMA ** bin * (1 + 1e-9));
      const shown = (2 * GAMMA ** bin) / (GAMMA + 1);
      assert.ok(Math.abs(shown - latencyMs) / latencyMs <= 0.0149);
    }),
  );
  for (const odd of [0, -1, Number.NaN]) assert.equal(binOf(odd), binOf(0.001));
  assert.equal(binOf(Number.POSITIVE_INFINITY), binOf(1e12));
});

test("Traffic keeps at most 1,000 series; the rest is counted under _other", () => {
  const { traffic } = createTraffic();
  for (let i = 0; i < 1_500; i++) traffic.record({ ...REQUEST, peer: `caller-${i}` });
  const series = window(traffic, 600);
  assert.ok(series.length <= 1_000);
  assert.equal(
    series.reduce((sum, one) => sum + one.count, 0),
    1_500,
    "nothing is lost",
  );
  assert.ok((series.find((one) => one.peer === "_other")?.count ?? 0) >= 500);
  for (let i = 0; i < 100; i++) traffic.record({ ...REQUEST, peer: `more-${i}`, route: "_other" });
  assert.ok(window(traffic, 600).length <= 1_000, "whatever a route is called");
});

test("Traffic lets idle series give way, healthy ones first, and not busy ones", () => {
  const { traffic, clock } = createTraffic();
  const record = (route: string, more: Partial<TrafficRecord> = {}) =>
    traffic.record({ ...REQUEST, route, ...more });
  record("failed", { status: 500 });
  for (let i = 0; i < 996; i++) record(`old-${i}`);
  void clock.advance(30_000);
  record("busy");
  record("too many");
  const routes = () => new Set(window(traffic, 600).map((one) => one.route));
  assert.equal(routes().has("too many"), false);
  void clock.advance(31_000);
  const has = (...names: string[]) => names.map((name) => routes().has(name));
  record("new");
  assert.deepEqual(has("failed", "busy", "new", "_other"), [true, true, true, true]);
  assert.deepEqual(has("old-0", "old-63", "old-64"), [false, false, true], "no more than is of use");
  for (let i = 0; i < 996; i++) record(`new-${i}`);
  assert.deepEqual(has("failed", "busy", "old-995"), [false, true, false]);
});

test("Traffic counts what gave way on under _other: sums stay true in every window", () => {
  const { traffic, clock } = createTraffic();
  const sent = { count: 0, failures: 0, aborted: 0 };
  const durations = [0.5, 3, 12, 80, 900];
  const send = (peer: string, n: number): void => {
    const status = n % 7 === 0 ? 503 : 200;
    const aborted = n % 11 === 0;
    traffic.record({ ...REQUEST, peer, status, aborted, durationMs: durations[n % 5] as number });
    if (aborted) sent.aborted++;
    else sent.count++;
    if (!aborted && status === 503) sent.failures++;
  };
  // Nine minutes, each with callers of its own, many times what the table holds.
  for (let minute = 0; minute < 9; minute++) {
    for (let i = 0; i < 700; i++) for (let n = 0; n < 5; n++) send(`caller-${minute}-${i}`, i + n);
    void clock.advance(60_000);
  }
  const series = window(traffic, 600);
  assert.ok(series.length <= 1_000);
  const sum = (of: (one: (typeof series)[number]) => number): number =>
    series.reduce((total, one) => total + of(one), 0);
  assert.deepEqual(
    {
      count: sum((one) => one.count),
      failures: sum((one) => one.failures),
      aborted: sum((one) => one.aborted),
    },
    sent,
  );
  assert.equal(
    sum((one) => one.classes["2xx"] ?? 0),
    sent.count - sent.failures,
  );
  assert.equal(
    sum((one) => one.classes["5xx"] ?? 0),
    sent.failures,
  );
  const bins = new Map<number, number>();
  for (const { latency } of series)
    for (const [bin, count] of latency.bins) bins.set(bin, (bins.get(bin) ?? 0) + count);
  assert.equal(
    [...bins.values()].reduce((total, count) => total + count, 0),
    sent.count,
  );
  assert.deepEqual(
    [...bins.keys()].sort((a, b) => a - b),
    durations.map(binOf),
  );

  // What was counted leaves the window when its time has come, whoever it was counted under.
  void clock.advance(600_000 - clock.now());
  const left = window(traffic, 600).reduce((total, one) => total + one.count + one.aborted, 0);
  assert.equal(left, 8 * 3_500);
  void clock.advance(1_200_000 - clock.now());
  assert.equal(window(traffic, 600).length, 0);
});

test("Traffic counts on past what one byte and two hold", () => {
  const { traffic } = createTraffic();
  for (let i = 0; i < 70_000; i++) traffic.record({ ...REQUEST, durationMs: i % 1_000 === 0 ? 500 : 12 });
  assert.deepEqual(window(traffic, 600)[0]?.latency.bins, [
    [binOf(12), 69_930],
    [binOf(500), 70],
  ]);
});

test("Traffic cuts long names after their secrets are out, and keeps nothing of the rest", () => {
  const { traffic } = createTraffic({ clean: (text) => text.replaceAll("4111111111111111", "[Redacted]") });
  const route = `${"SELECT ".padEnd(250, "x")}4111111111111111${"y".repeat(100_000)}`;
  for (let i = 0; i < 3; i++) traffic.record({ ...REQUEST, side: "client", route, peer: "p".repeat(300) });
  const [series] = window(traffic, 600);
  assert.equal(series?.count, 3, "a long name is one series");
  assert.equal(series?.route, `${"SELECT ".padEnd(250, "x")}[Redac`);
  assert.equal(series?.peer, "p".repeat(256));
});

test("Traffic counts names that are the same without their secrets as one series", () => {
  const { traffic } = createTraffic({ clean: (text) => text.replaceAll(/\w+@example\.org/g, "[Redacted]") });
  for (const who of ["ann", "bob", "ann"]) {
    traffic.record({ ...REQUEST, side: "client", peer: "smtp", route: `mail ${who}@example.org` });
  }
  const series = window(traffic, 600);
  assert.deepEqual(
    series.map((one) => [one.route, one.count]),
    [["mail [Redacted]", 3]],
  );
  const counts = traffic.scrape("openmetrics").match(/^whodunit_requests_total.*/gm);
  assert.equal(counts?.length, 1);
  assert.match(String(counts), / 3$/);
});

test("Traffic holds 1,000 series of sixty ten-second stretches in 16 MB", async () => {
  const { execFileSync } = await import("node:child_process");
  const program = `
    import { Traffic } from ${JSON.stringify(new URL("../../src/traffic/traffic.ts", import.meta.url).href)};
    const clock = { nowMs: 1e12, monotonicMs: () => clock.nowMs, wallMs: (ms) => ms };
    const traffic = new Traffic({ service: "a", instance: "b", version: null, classify: undefined, clock });
    gc();
    const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = used();
    for (let stretch = 0; stretch < 60; stretch++) {
      for (let i = 0; i < 998; i++) {
        // Three milliseconds to half a minute: what a timeout leaves of a route.
        for (const durationMs of [3, 4, 5, 9, 40, stretch === i % 60 ? 15_000 : 7]) {
          traffic.record({ side: "server", peer: "p", route: ("GET /" + i).padEnd(5_000, "-"), status: 200, errorType: undefined,
            aborted: false, durationMs: durationMs * (1 + (i % 10) / 10), thrown: undefined,
            trace: { traceId: (i * 1e9 + stretch).toString(16).padStart(32, "a"), spanId: (i + 1e9).toString(16) } });
        }
      }
      clock.nowMs += 10_000;
    }
    gc();
    console.log(used() - before, traffic.snapshot().series.filter((one) => one.windowS === 600).length);
  `;
  const args = ["--expose-gc", "--conditions=@whodunit/source", "--input-type=module", "-e", program];
  const [bytes, series] = execFileSync(process.execPath, args, { encoding: "utf8" }).split(" ").map(Number);
  assert.equal(series, 998);
  assert.ok((bytes ?? Number.NaN) <= 16 * 1_024 * 1_024, `${bytes} bytes`);
});

test("Traffic tells what was changed in the process, secrets taken out, beginning with its start", () => {
  const clean = (text: string): string => text.replace("hunter2", "[REDACTED]");
  const traffic = new Traffic({
    service: "web",
    instance: "i1",
    version: "1.8.3",
    classify: undefined,
    clean,
  });
  reportChange("password hunter2 in use");
  const { changes, startedAt } = traffic.snapshot();
  assert.deepEqual(changes[0], { at: startedAt, kind: "start", what: "version 1.8.3" });
  const { at, ...told } = changes.at(-1)!;
  assert.deepEqual(told, { kind: "report", what: "password [REDACTED] in use" });
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
});
