import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import {
  createHealth,
  type Health,
  type HealthChange,
  type Probe,
  type ProbeSettings,
} from "../../src/index.ts";
import { createScriptedProbe } from "../../src/testing.ts";
import { ask } from "../helpers/ask.ts";
import { startMetrics } from "../helpers/metrics.ts";
import { StoppingClock } from "../helpers/stopping-clock.ts";

const SETTINGS: ProbeSettings = { intervalMs: 1_000, timeoutMs: 400, failAfter: 1 };

interface Stopping {
  readonly clock: StoppingClock;
  readonly health: Health;
  readonly changes: readonly HealthChange[];
  readonly lines: readonly (readonly [
    level: string,
    name: string,
    fields: Readonly<Record<string, unknown>>,
  ])[];
  statuses(): string[];
}

/** A health of a process that can be stopped; one bad run is enough for a change. */
function start(t: TestContext, probes: readonly Probe[]): Stopping {
  const clock = new StoppingClock();
  const lines: [string, string, Readonly<Record<string, unknown>>][] = [];
  const health = createHealth({
    service: "web",
    probes: probes.map((probe) => ({ ...SETTINGS, ...probe })),
    clock,
    logger: {
      error: (name, fields) => void lines.push(["error", name, fields]),
      debug: (name, fields) => void lines.push(["debug", name, fields]),
    },
  });
  t.after(() => health.close());
  const changes: HealthChange[] = [];
  health.subscribe((change) => void changes.push(change));
  return { clock, health, changes, lines, statuses: () => health.entries().map(({ status }) => status) };
}

/** A check that answers `afterMs` later on the clock, as a dependency over a network does. */
const answersAfter =
  (clock: () => StoppingClock, afterMs: number): Probe["check"] =>
  () =>
    new Promise<void>((resolve) => clock().after(afterMs, resolve));

test("H2: A process that was stopped for an hour says so of itself, and calls none of its dependencies stale", async (t) => {
  const probes = ["a", "b", "c", "d"].map((name) => createScriptedProbe({ name, critical: name === "a" }));
  const { clock, health, changes, lines, statuses } = start(
    t,
    probes.map(({ probe }) => probe),
  );
  await clock.advance(5_000);
  clock.stop(3_600_000);
  // A request is read before any timer is called back.
  assert.deepEqual(statuses(), ["OK", "OK", "OK", "OK"]);
  assert.equal((await ask(health, "/health/status")).status, 200);
  assert.equal((await ask(health, "/health/ready")).status, 200);
  await clock.advance(10_000);
  assert.deepEqual(statuses(), ["OK", "OK", "OK", "OK"]);
  assert.deepEqual(changes, []);
  assert.equal(lines.length, 1);
  const [level, name, { cause, durationMs, since, at }] = lines[0]!;
  assert.deepEqual([level, name, cause], ["error", "health-process-stood_still", "blocked"]);
  assert.ok(Number(durationMs) >= 3_599_000 && Number(durationMs) <= 3_600_000, `${durationMs}`);
  assert.equal(Date.parse(String(at)) - Date.parse(String(since)), durationMs);
});

test("H2: The routes, the metrics and the page say that the process stood still", async (t) => {
  const collect = startMetrics(t);
  const { clock, health } = start(t, [createScriptedProbe({ name: "db" }).probe]);
  await clock.advance(2_000);
  assert.equal((await ask(health, "/health/live")).body, '{"status":"live"}');
  clock.stop(3_000);
  const { status, body } = await ask(health, "/health/live");
  const { standstills } = JSON.parse(body);
  assert.equal(status, 200);
  assert.deepEqual([standstills.count, standstills.lastCause], [1, "blocked"]);
  assert.ok(standstills.lastMs >= 2_500 && standstills.lastMs <= 3_000, body);
  const text = new RegExp(
    `this process stood still once; last, it was blocked or stopped for ${standstills.lastMs} ms`,
  );
  const json = await ask(health, "/health/status", { accept: "application/health+json" });
  assert.match(JSON.parse(json.body).notes[0], text);
  assert.match((await ask(health, "/health/status", { accept: "text/html" })).body, text);
  const seconds = standstills.lastMs / 1_000;
  for (const accept of ["application/openmetrics-text", "text/plain;version=0.0.4"]) {
    const metrics = await ask(health, "/health/status", { accept });
    assert.ok(
      metrics.body.includes(`health_process_standstill_seconds_total{service_name="web"} ${seconds}\n`),
      metrics.body,
    );
  }
  const points = (await collect()).get("health.process.standstill");
  assert.deepEqual(
    points?.map(({ attributes, value }) => ({ attributes, value })),
    [{ attributes: { "health.process.standstill.cause": "blocked" }, value: seconds }],
  );
  clock.stop(5_000);
  await clock.advance(1);
  assert.match((await ask(health, "/health/live")).body, /"count":2/);
});

test("H2: A run under way when the process stops has its whole time, and is not timed out", async (t) => {
  let clock: StoppingClock | undefined;
  const check = answersAfter(() => clock as StoppingClock, 300);
  const started = start(t, [{ name: "db", check }]);
  clock = started.clock;
  await clock.advance(100);
  clock.stop(60_000);
  await clock.advance(400);
  assert.deepEqual(started.statuses(), ["OK"]);
  assert.ok(
    (started.health.entries()[0]?.durationMs ?? 0) <= 400,
    "the standstill is no latency of the dependency",
  );
  assert.deepEqual(started.changes, []);
});

test("H2: What a check's own time-out makes of a standstill is asked again, not told", async (t) => {
  let runs = 0;
  let clock: StoppingClock | undefined;
  const check = (): Promise<void> =>
    new Promise((resolve, reject) => {
      runs++;
      clock?.after(200, () => reject(new Error("ETIMEDOUT")));
      if (runs > 1) resolve();
    });
  const started = start(t, [{ name: "db", check, critical: true }]);
  clock = started.clock;
  await clock.advance(100);
  clock.stop(3_000);
  await clock.advance(100);
  assert.ok(runs >= 2, `${runs}`);
  assert.deepEqual([started.statuses(), started.changes], [["OK"], []]);
});

test("H2: A dependency that fails in every run is told although the process stands still in every run", async (t) => {
  let clock: StoppingClock | undefined;
  const check = (): never => {
    clock?.stop(3_000);
    throw new Error("gone");
  };
  const started = start(t, [{ name: "db", check }]);
  clock = started.clock;
  await clock.advance(10_000);
  assert.deepEqual(started.statuses(), ["ERROR"]);
  assert.deepEqual(
    started.changes.map(({ event }) => event),
    ["health-db-error"],
  );
});

test("H2: A run that a standstill left without an answer is given up, and the next decides", async (t) => {
  const db = createScriptedProbe({ name: "db" }, "OK", "HANG", "OK");
  const { clock, statuses, changes } = start(t, [db.probe]);
  await clock.advance(1_100);
  assert.equal(db.running, 1);
  clock.stop(60_000);
  await clock.advance(1_500);
  assert.deepEqual(statuses(), ["OK"]);
  assert.deepEqual(changes, []);
});

test("H2: A machine that slept is told apart from a clock that was set", async (t) => {
  const db = createScriptedProbe({ name: "db" });
  const { clock, lines, changes, statuses } = start(t, [db.probe]);
  await clock.advance(5_000);
  clock.sleep(8 * 3_600_000);
  await clock.advance(2_000);
  assert.deepEqual(
    lines.map(([level, name, { cause, durationMs }]) => [level, name, cause, durationMs]),
    [["debug", "health-process-stood_still", "asleep", 8 * 3_600_000]],
  );
  assert.deepEqual([statuses(), changes], [["OK"], []]);
});

test("H2: A run that fails because the machine slept is asked again, not told", async (t) => {
  let clock: StoppingClock | undefined;
  let runs = 0;
  const check = (): Promise<void> => {
    runs++;
    if (runs !== 3) return Promise.resolve();
    // The connection did not survive the night.
    return new Promise((_, reject) => clock?.after(300, () => reject(new Error("ECONNRESET"))));
  };
  const started = start(t, [{ name: "db", check }]);
  clock = started.clock;
  await clock.advance(2_100);
  clock.sleep(8 * 3_600_000);
  await clock.advance(400);
  assert.deepEqual([runs, started.statuses(), started.changes], [4, ["OK"], []]);
});

test("H2: Standstills of whatever length at whatever time accuse no dependency that answers", async (t) => {
  const step = fc.record({
    awakeMs: fc.integer({ min: 0, max: 4_000 }),
    stopMs: fc.integer({ min: 0, max: 100_000 }),
  });
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 0, max: 150 }),
    async (steps, answerMs) => {
      let clock: StoppingClock | undefined;
      const check = answersAfter(() => clock as StoppingClock, answerMs);
      const started = start(t, [
        { name: "a", critical: true, check },
        { name: "b", check },
      ]);
      clock = started.clock;
      for (const { awakeMs, stopMs } of steps) {
        await clock.advance(awakeMs);
        clock.stop(stopMs);
        for (const status of started.statuses()) assert.match(status, /^(?:OK|STARTING)$/);
      }
      await clock.advance(2_500);
      assert.deepEqual([started.statuses(), started.changes], [["OK", "OK"], []]);
      await started.health.close();
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

test("H2: A health whose timers are dead is stale, standstill or not", async (t) => {
  const { clock, health, statuses } = start(t, [createScriptedProbe({ name: "db" }).probe]);
  await clock.advance(2_000);
  await health.close();
  clock.stop(3_400);
  assert.deepEqual(statuses(), ["STALE"]);
});
