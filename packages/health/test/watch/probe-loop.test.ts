import assert from "node:assert/strict";
import { test } from "node:test";
import { createHealth } from "../../src/index.ts";
import { createFakeClock, createScriptedProbe } from "../../src/testing.ts";
import { resolveProbe } from "../../src/watch/probe.ts";
import { firstDelays } from "../../src/watch/probe-loop.ts";
import { watch } from "../helpers/watch.ts";

test("createHealth() runs each probe on its own interval and never in a request", async (t) => {
  const quick = createScriptedProbe({ name: "quick", intervalMs: 1_000 });
  const slow = createScriptedProbe({ name: "slow", intervalMs: 5_000 });
  const { clock, health } = watch(t, { probes: [quick.probe, slow.probe] });
  assert.deepEqual([quick.runs, slow.runs], [0, 0]);
  for (let poll = 0; poll < 100; poll++) health.entries();
  assert.deepEqual([quick.runs, slow.runs], [0, 0]);
  // The second of two probes starts half an interval late.
  await clock.advance(10_000);
  assert.deepEqual([quick.runs, slow.runs], [11, 2]);
});

test("createHealth() starts runs 0 to 10 % more than an interval apart", async (t) => {
  for (const [random, runs] of [
    [0, 101],
    [0.999_999, 91],
  ] as const) {
    const clock = createFakeClock();
    const probe = createScriptedProbe({ name: "db", intervalMs: 1_000 });
    const health = createHealth({
      service: "web",
      probes: [probe.probe],
      clock: { ...clock, random: () => random },
    });
    t.after(() => health.close());
    await clock.advance(100_000);
    assert.equal(probe.runs, runs);
  }
});

test("createHealth() calls a run late after its time-out, also when the check ignores its signal", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 1_000, timeoutMs: 200 }, "HANG");
  const { clock, statuses } = watch(t, { probes: [hung.probe] });
  await clock.advance(199);
  assert.deepEqual(statuses(), ["STARTING"]);
  await clock.advance(1);
  assert.deepEqual(statuses(), ["TIMEOUT"]);
});

test("createHealth() aborts the signal of a run that is late", async (t) => {
  const reasons: unknown[] = [];
  const { clock } = watch(t, {
    probes: [
      {
        name: "db",
        check: (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              reasons.push(signal.reason.name);
              reject(signal.reason);
            });
          }),
      },
    ],
  });
  await clock.advance(2_000);
  assert.deepEqual(reasons, ["TimeoutError"]);
});

test("createHealth() starts no second run while one hangs, and renews TIMEOUT each interval", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 1_000, timeoutMs: 500 }, "HANG");
  const { clock, health } = watch(t, { probes: [hung.probe] });
  await clock.advance(500);
  const first = health.entries()[0]?.statusTime ?? 0;
  await clock.advance(500);
  const second = health.entries()[0]?.statusTime ?? 0;
  assert.equal(second - first, 500);
  await clock.advance(1_000);
  assert.equal((health.entries()[0]?.statusTime ?? 0) - second, 1_000);
  assert.equal(hung.runs, 1);
});

test("createHealth() gives up a run after 10 time-outs, and stops at two that never end", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 1_000, timeoutMs: 500 }, "HANG");
  const { clock, health, statuses } = watch(t, { probes: [hung.probe] });
  await clock.advance(5_500);
  assert.equal(hung.runs, 2);
  assert.equal(health.entries()[0]?.abandoned, 1);
  await clock.advance(60_000);
  assert.equal(hung.runs, 2);
  assert.equal(hung.maxRunning, 2);
  assert.equal(health.entries()[0]?.abandoned, 2);
  assert.deepEqual(statuses(), ["TIMEOUT"]);

  hung.play("OK");
  hung.release();
  await clock.advance(2_000);
  assert.deepEqual(statuses(), ["OK"]);
  assert.equal(hung.running, 0);
});

test("createHealth() ignores what a late run says in the end", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 10_000, timeoutMs: 500 }, "HANG", "OK");
  const { clock, statuses } = watch(t, { probes: [hung.probe] });
  await clock.advance(600);
  hung.release();
  await clock.advance(0);
  assert.deepEqual(statuses(), ["TIMEOUT"]);
  await clock.advance(9_400);
  assert.deepEqual(statuses(), ["OK"]);
});

test("close() ends a run under way, and no run follows", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 1_000 }, "HANG");
  const { clock, health, statuses } = watch(t, { probes: [hung.probe] });
  await clock.advance(100);
  await health.close();
  hung.release();
  await clock.advance(2_000);
  assert.equal(hung.runs, 1);
  assert.deepEqual(statuses(), ["STARTING"]);
});

test("firstDelays() spreads 100 instances over the interval, at most 20 % in any tenth of it", () => {
  const probes = ["a", "b", "c", "d"].map((name) => resolveProbe({ name, check: () => {} }));
  let state = 1;
  // A fixed sequence (Park and Miller 1988), so that the test says the same every time.
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const tenths = new Array<number>(10).fill(0);
  for (let instance = 0; instance < 100; instance++) {
    for (const delay of firstDelays(probes, random)) tenths[Math.floor(delay / 1_000)]! += 1;
  }
  assert.ok(Math.max(...tenths) <= 80, `${tenths}`);
  assert.ok(Math.min(...tenths) > 0, `${tenths}`);
});

test("firstDelays() lets critical probes go first, and none wait more than 10 s", () => {
  const day = { intervalMs: 86_400_000, check: () => {} };
  const probes = [
    resolveProbe({ name: "certificate", ...day }),
    resolveProbe({ name: "db", critical: true, ...day }),
  ];
  assert.deepEqual(
    firstDelays(probes, () => 0),
    [5_000, 0],
  );
});
