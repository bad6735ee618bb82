import assert from "node:assert/strict";
import { test } from "node:test";
import { createHealth } from "../../src/index.ts";
import { createScriptedProbe, type ScriptedProbe } from "../../src/testing.ts";
import { resolveProbe } from "../../src/watch/probe.ts";
import { firstRuns } from "../../src/watch/probe-loop.ts";
import { ask } from "../helpers/ask.ts";
import { StoppingClock } from "../helpers/stopping-clock.ts";
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
    const clock = new StoppingClock();
    clock.random = () => random;
    const probe = createScriptedProbe({ name: "db", intervalMs: 1_000 });
    const health = createHealth({ service: "web", probes: [probe.probe], clock });
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

test("H7: A check that hangs twice, weeks apart, ignoring its signal, is tried again and found well", async (t) => {
  const week = 7 * 86_400_000;
  const db = createScriptedProbe({ name: "db", intervalMs: 3_600_000, timeoutMs: 2_000, critical: true });
  const { clock, health, statuses } = watch(t, { probes: [db.probe] });
  for (let hang = 0; hang < 3; hang++) {
    await clock.advance(week);
    assert.deepEqual(statuses(), ["OK"]);
    db.play("HANG", "OK");
    await clock.advance(4 * 3_600_000);
  }
  assert.deepEqual(statuses(), ["OK"]);
  assert.deepEqual([db.running, health.entries()[0]?.abandoned], [3, 3]);
});

test("H7: A check that hangs for ever is tried on for as long as the process lives, at most once an hour in the end", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 60_000, timeoutMs: 500 }, "HANG");
  const { clock, statuses } = watch(t, { probes: [hung.probe] });
  const runs: number[] = [];
  for (let day = 0; day < 4; day++) {
    await clock.advance(86_400_000);
    runs.push(hung.runs);
    assert.deepEqual(statuses(), ["TIMEOUT"]);
  }
  const [first = 0, ...later] = runs;
  // 5 s, 10 s, 20 s, … up to an hour apart in the first day, and on an interval of a minute.
  assert.ok(first > 24 && first <= 40, `${runs}`);
  for (const [index, count] of later.entries()) {
    const inThisDay = count - (runs[index] ?? 0);
    assert.ok(inThisDay >= 20 && inThisDay <= 24, `${runs}`);
  }
  assert.equal(hung.running, hung.runs);
});

test("H7: A check that answers again after hours of hanging is found well within an hour, its old runs still hanging", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 1_000, timeoutMs: 500 }, "HANG");
  const { clock, statuses } = watch(t, { probes: [hung.probe] });
  await clock.advance(6 * 3_600_000);
  const hanging = hung.running;
  assert.ok(hanging <= 20, `${hanging}`);
  hung.play("OK");
  await clock.advance(3_602_000);
  assert.deepEqual([statuses(), hung.running], [["OK"], hanging]);
});

test("H7: A hanging run that ends after all has the next begin at the next tick", async (t) => {
  const hung = createScriptedProbe({ name: "db", intervalMs: 1_000, timeoutMs: 500 }, "HANG");
  const { clock, statuses } = watch(t, { probes: [hung.probe] });
  await clock.advance(5_500);
  assert.deepEqual([hung.runs, hung.running], [2, 2]);
  await clock.advance(3_600_000);
  assert.deepEqual(statuses(), ["TIMEOUT"]);
  hung.play("OK");
  hung.release();
  await clock.advance(0);
  await clock.advance(1_000);
  assert.deepEqual([statuses(), hung.running], [["OK"], 0]);
});

test("H7: Probes that hang leave the others' runs alone", async (t) => {
  const [hung, well] = ["hung", "well"].map((name) =>
    createScriptedProbe({ name, intervalMs: 1_000, timeoutMs: 500 }, name === "hung" ? "HANG" : "OK"),
  ) as [ScriptedProbe, ScriptedProbe];
  const { clock, statuses } = watch(t, { probes: [hung.probe, well.probe] });
  await clock.advance(1_000_000);
  assert.equal(well.runs, 1_000);
  assert.deepEqual(statuses(), ["TIMEOUT", "OK"]);
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

/** A fixed sequence (Park and Miller 1988), so that the test says the same every time. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test("firstRuns() spreads the first runs of 100 instances over the interval, at most 20 % in any tenth of it", () => {
  const probes = ["a", "b", "c", "d"].map((name) => resolveProbe({ name, check: () => {} }));
  const random = seeded();
  const tenths = new Array<number>(10).fill(0);
  for (let instance = 0; instance < 100; instance++) {
    for (const { delayMs } of firstRuns(probes, random)) tenths[Math.floor(delayMs / 1_000)]! += 1;
  }
  assert.ok(Math.max(...tenths) <= 80, `${tenths}`);
  assert.ok(Math.min(...tenths) > 0, `${tenths}`);
});

test("H1: Critical probes run at once, and the others wait no more than 10 s", () => {
  const day = { intervalMs: 86_400_000, check: () => {} };
  const probes = [
    resolveProbe({ name: "certificate", ...day }),
    resolveProbe({ name: "db", critical: true, ...day }),
    resolveProbe({ name: "mail", ...day }),
    resolveProbe({ name: "queue", critical: true, ...day }),
  ];
  assert.deepEqual(
    firstRuns(probes, () => 0).map(({ delayMs }) => delayMs),
    [0, 0, 5_000, 0],
  );
  assert.deepEqual(
    firstRuns(probes, () => 0.5).map(({ delayMs }) => delayMs),
    [2_500, 0, 7_500, 0],
  );
});

test("H1: The second runs of critical probes are spread over the interval, across 100 instances and within one", () => {
  const probes = ["a", "b"].map((name) => resolveProbe({ name, critical: true, check: () => {} }));
  const random = seeded();
  const tenths = new Array<number>(10).fill(0);
  for (let instance = 0; instance < 100; instance++) {
    const [first, second] = firstRuns(probes, random);
    assert.notEqual(first?.secondAfterMs, second?.secondAfterMs);
    for (const { secondAfterMs } of firstRuns(probes, random)) {
      assert.ok(secondAfterMs >= 2_000 && secondAfterMs <= 10_000, "not before the first may have timed out");
      tenths[Math.floor(secondAfterMs / 1_000)]! += 1;
    }
  }
  assert.ok(Math.max(...tenths) <= 40, `${tenths}`);
});

test("H1: A service with one critical probe is ready as soon as that has answered once", async (t) => {
  for (const random of [0, 0.5, 0.999]) {
    const clock = new StoppingClock();
    clock.randoms.push(random, random, random);
    const db = createScriptedProbe({ name: "db", critical: true });
    const other = createScriptedProbe({ name: "mail", intervalMs: 60_000 });
    const health = createHealth({ service: "web", probes: [other.probe, db.probe], clock });
    t.after(() => health.close());
    assert.equal((await ask(health, "/health/ready")).status, 503);
    await clock.advance(0);
    assert.equal((await ask(health, "/health/ready")).status, 200);
    assert.equal((await ask(health, "/health/startup")).status, 200);
  }
});

test("H1: A critical probe whose dependency comes up late is asked again within its interval", async (t) => {
  const db = createScriptedProbe({ name: "db", critical: true }, "ERROR", "OK");
  const { clock, health } = watch(t, { probes: [db.probe] });
  await clock.advance(1);
  assert.equal((await ask(health, "/health/ready")).status, 503);
  await clock.advance(10_000);
  assert.equal((await ask(health, "/health/ready")).status, 200);
});

test("H1: A critical probe whose dependency is there a moment after the start keeps the service out for that moment", async (t) => {
  for (const settings of [{}, { intervalMs: 60_000 }, { recoverAfter: 3 }, { failAfter: 1 }]) {
    const clock = new StoppingClock();
    const upAtMs = 300;
    const check = (): void => {
      if (clock.now() < upAtMs) throw new Error("not connected");
    };
    const health = createHealth({
      service: "web",
      probes: [{ name: "db", critical: true, check, ...settings }],
      clock,
    });
    t.after(() => health.close());
    await clock.advance(upAtMs - 1);
    assert.equal((await ask(health, "/health/ready")).status, 503);
    await clock.advance(3_000);
    assert.equal((await ask(health, "/health/ready")).status, 200, JSON.stringify(settings));
  }
});

test("H1: A critical probe that is asked sooner at the start accuses its dependency no sooner, and never asks in a rush", async (t) => {
  for (const step of ["ERROR", "HANG"] as const) {
    const db = createScriptedProbe({ name: "db", critical: true }, step);
    const { clock, health, changes } = watch(t, { probes: [db.probe] });
    await clock.advance(9_900);
    assert.deepEqual(changes, [], step);
    assert.ok(db.runs <= 8 && db.maxRunning === 1, `${step}: ${db.runs} runs`);
    await clock.advance(2_200);
    assert.equal(health.entries()[0]?.level, "failing", step);
    const { runs } = db;
    await clock.advance(100_000);
    assert.ok(db.runs - runs <= 11, `${step}: ${db.runs - runs} runs in ten intervals`);
  }
});

test("H1: Critical probes that were well once, and all that are not critical, are asked at their interval alone", async (t) => {
  const db = createScriptedProbe({ name: "db", critical: true }, "OK", "ERROR");
  const mail = createScriptedProbe({ name: "mail" }, "ERROR");
  const { clock } = watch(t, { probes: [db.probe, mail.probe] });
  await clock.advance(30_000);
  assert.deepEqual([db.runs, mail.runs], [4, 4]);
});
