import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { binOf, GAMMA } from "../src/traffic/histogram.ts";
import { Traffic, type TrafficRecord } from "../src/traffic/traffic.ts";

const START = Date.parse("2026-11-20T08:00:00.000Z");

function createTraffic(classify?: ConstructorParameters<typeof Traffic>[0]["classify"]) {
  const clock = { nowMs: START };
  const options = { service: "web", instance: "i1", version: "1.2.3", classify, now: () => clock.nowMs };
  return { clock, traffic: new Traffic(options) };
}

const REQUEST: TrafficRecord = {
  side: "server",
  peer: "web",
  route: "POST /votes/:shortcode",
  status: 200,
  errorType: undefined,
  aborted: false,
  durationMs: 12,
  trace: undefined,
  thrown: undefined,
};

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
      route: "POST /votes/:shortcode",
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
  clock.nowMs += 9_999;
  assert.deepEqual(counts(), [1, 1, 1]);
  clock.nowMs += 1;
  assert.deepEqual(counts(), [0, 1, 1]);
  clock.nowMs = START + 60_000;
  assert.deepEqual(counts(), [0, 0, 1]);
  clock.nowMs = START + 600_000;
  assert.deepEqual(counts(), [0, 0, 0]);
  traffic.record(REQUEST);
  assert.deepEqual(counts(), [1, 1, 1], "a slot is used again");
});

test("Traffic tells since when a series is failing, and null once a minute has passed without a failure", () => {
  const { traffic, clock } = createTraffic();
  const since = () => window(traffic, 600)[0]?.failingSince;
  traffic.record(REQUEST);
  assert.equal(since(), null);
  clock.nowMs = START + 5_000;
  traffic.record({ ...REQUEST, status: 500 });
  for (let i = 0; i < 10; i++) {
    clock.nowMs += 30_000;
    traffic.record(REQUEST);
    traffic.record({ ...REQUEST, status: 500 });
  }
  assert.equal(since(), "2026-11-20T08:00:05.000Z", "successes in between do not end the run");
  clock.nowMs += 60_001;
  assert.equal(since(), null);
  traffic.record({ ...REQUEST, status: 500 });
  assert.equal(since(), new Date(clock.nowMs).toISOString());
});

test("Traffic shows the latest failed trace before the latest of all, and none older than the window", () => {
  const { traffic, clock } = createTraffic();
  const traced = (spanId: string, more = {}) =>
    traffic.record({ ...REQUEST, ...more, trace: { traceId: "t".repeat(32), spanId } });
  traced("failed", { status: 500, thrown: "RangeError" });
  clock.nowMs += 15_000;
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
  const { traffic } = createTraffic((outcome) => {
    outcomes.push(outcome);
    if (outcome.status === 404) return "failure";
    if (outcome.status === 500) return "success";
    throw new Error("classify is broken");
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
});

test("Traffic lets idle healthy series give way before failing ones, and not busy ones", () => {
  const { traffic, clock } = createTraffic();
  for (let i = 0; i < 996; i++) traffic.record({ ...REQUEST, peer: `old-${i}` });
  clock.nowMs += 30_000;
  traffic.record({ ...REQUEST, peer: "failing", status: 500 });
  traffic.record({ ...REQUEST, peer: "busy" });
  traffic.record({ ...REQUEST, peer: "too many" });
  assert.equal(
    window(traffic, 600).some((one) => one.peer === "too many"),
    false,
  );
  clock.nowMs += 31_000;
  traffic.record({ ...REQUEST, peer: "busy" });
  traffic.record({ ...REQUEST, peer: "new" });
  const peers = window(traffic, 600).map((one) => one.peer);
  assert.deepEqual(peers.sort(), ["_other", "busy", "failing", "new"]);
});

test("Traffic holds 1,000 series of sixty ten-second stretches in 16 MB", async () => {
  const { execFileSync } = await import("node:child_process");
  const program = `
    import { Traffic } from ${JSON.stringify(new URL("../src/traffic/traffic.ts", import.meta.url).href)};
    const clock = { nowMs: 1e12 };
    const traffic = new Traffic({ service: "a", instance: "b", version: null, classify: undefined, now: () => clock.nowMs });
    gc();
    const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = used();
    for (let stretch = 0; stretch < 60; stretch++) {
      for (let i = 0; i < 998; i++) {
        for (const durationMs of [2, 3, 5, 9, 40]) {
          traffic.record({ side: "server", peer: "p" + i, route: "GET /a", status: 200, errorType: undefined,
            aborted: false, durationMs: durationMs * (1 + (i % 10) / 10), trace: undefined, thrown: undefined });
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
