import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { until } from "../../../test/helpers/until.ts";
import { createHealth, eventLoopProbe, type HealthOptions, type Probe } from "../src/index.ts";
import { watch } from "./helpers/watch.ts";

const check = (): void => {};

const WRONG: readonly [options: Record<string, unknown>, message: RegExp][] = [
  [{ service: "My Service" }, /createHealth: option "service" is "My Service", want a name: segments/],
  [{}, /option "service" is undefined/],
  [{ service: "web", prob: [] }, /option "prob" is unknown/],
  [{ service: "web", probes: {} }, /option "probes" is an object, want an array of probes/],
  [{ service: "web", authorize: true }, /option "authorize" is true, want a function/],
  [{ service: "web", drainDelayMs: -1 }, /option "drainDelayMs" is -1, want a whole number from 0 to 600000/],
  [
    { service: "web", probes: [null] },
    /option "probes\[\]" is null, want a probe: an object with name and check/,
  ],
];
const WRONG_PROBES: readonly [probe: Record<string, unknown>, message: RegExp][] = [
  [{ name: "", check }, /option "probes\[\].name" is "", want 1 to 128 printable characters/],
  [{ name: "a\nb", check }, /printable/],
  [{ name: "x".repeat(129), check }, /printable/],
  [{ name: "db" }, /option "probes\[db\].check" is undefined, want a function/],
  [
    { name: "db", check, interval: 5 },
    /option "probes\[db\]\.interval" is unknown, want one of name, check, critical/,
  ],
  [{ name: "db", check, intervalMs: 99 }, /"probes\[db\].intervalMs" is 99, want a whole number from 100/],
  [{ name: "db", check, intervalMs: 1_000, timeoutMs: 1_000 }, /timeoutMs" is 1000, want .* from 10 to 999/],
  [{ name: "db", check, failAfter: 0 }, /failAfter/],
  [{ name: "db", check, recoverAfter: 1.5 }, /recoverAfter" is 1.5/],
  [{ name: "db", check, priority: "high" }, /"page" or "business-hours" or "none"/],
  [{ name: "db", check, critical: "yes" }, /want a boolean/],
  [{ name: "db", check, group: "a/b" }, /want 1 to 64 of a-z, 0-9, _ and -/],
  [{ name: "db", check, group: "live" }, /no dependency may decide \/health\/live/],
  [{ name: "db", check, runbook: "javascript:alert(1)" }, /want an http\(s\) URL/],
];

test("createHealth() throws on wrong options, naming the option, the value and what is wanted", () => {
  for (const [options, message] of WRONG) {
    assert.throws(() => createHealth(options as unknown as HealthOptions), { name: "TypeError", message });
  }
  for (const [probe, message] of WRONG_PROBES) {
    const options = { service: "web", probes: [probe as unknown as Probe] };
    assert.throws(() => createHealth(options), { name: "TypeError", message });
  }
});

test("createHealth() throws on two probes of one name", () => {
  const probes = [
    { name: "db", check },
    { name: "db", check },
  ];
  assert.throws(
    () => createHealth({ service: "web", probes }),
    /is "db", want a name that no other probe has/,
  );
});

test("createHealth() leaves no signal listener behind when it throws", () => {
  const before = process.listenerCount("SIGTERM");
  assert.throws(() => createHealth({ service: "web", probes: [{ name: "", check }] }));
  assert.equal(process.listenerCount("SIGTERM"), before);
});

test("createHealth() takes names as monitors write them, and shortens the time-out with the interval", async (t) => {
  const names = ["myDB", "twodegrees/monetizer", "a", "Kafka (EU) #1", "données", "x".repeat(128)];
  const { health } = watch(t, { probes: names.map((name) => ({ name, check, intervalMs: 1_000 })) });
  assert.deepEqual(
    health.entries().map((entry) => [entry.probe.name, entry.probe.timeoutMs]),
    names.map((name) => [name, 500]),
  );
});

test("createHealth() keeps what a probe does to its own entry, whatever it throws, returns or is", async (t) => {
  const hostile: Record<string, () => unknown> = {
    throws: () => {
      throw new Error("sync");
    },
    rejects: () => Promise.reject(undefined),
    "throws a proxy": () => {
      throw new Proxy({}, { get: () => assert.fail("touched") });
    },
    "bad thenable": () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable that throws is what is tested
      get then() {
        throw new Error("then");
      },
    }),
    false: () => false,
    "hostile result": () => ({
      get status() {
        throw new Error("status");
      },
    }),
    "says so": () => ({ status: "ERROR", reason: "because" }),
  };
  const mild: Record<string, () => unknown> = {
    undefined: () => undefined,
    zero: () => 0,
    "not a promise": () => "fine",
    "a row": () => ({ status: "active", reason: 7 }),
  };
  const probes = Object.entries({ ...hostile, ...mild }).map(([name, run]) => ({ name, check: run }));
  const { clock, health } = watch(t, { probes });
  await clock.advance(10_000);
  for (const { probe, status, fault } of health.entries()) {
    assert.equal(status, probe.name in hostile ? "ERROR" : "OK", probe.name);
    assert.equal(fault === undefined, probe.name in mild);
  }
  assert.equal(health.entries().find((entry) => entry.probe.name === "says so")?.fault?.text, "because");
});

test("createHealth() never fails on anything a check throws", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }),
      async (thrown) => {
        const { clock, health } = watch(t, { probes: [{ name: "db", check: () => Promise.reject(thrown) }] });
        await clock.advance(1);
        const { status, fault } = health.entries()[0]!;
        assert.equal(status, "ERROR");
        assert.match(fault?.code ?? "", /^[\w ]{1,125}$/);
        assert.ok((fault?.text.length ?? 501) <= 500);
        await health.close();
      },
    ),
    { numRuns: 50 },
  );
});

test("close() leaves no timer, no signal listener and no reason to live behind", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = [timers(), process.listenerCount("SIGTERM"), process.listenerCount("SIGINT")];
  const probes = [
    { name: "db", intervalMs: 200, check },
    { name: "hangs", intervalMs: 100, check: () => new Promise(() => {}) },
    {
      name: "clings",
      intervalMs: 100,
      check,
      close: () => {
        throw new Error("clings");
      },
    },
    eventLoopProbe({ intervalMs: 100 }),
  ];
  const health = createHealth({ service: "web", probes, webhook: { url: "http://127.0.0.1:2/" } });
  assert.equal(process.listenerCount("SIGTERM"), 1);
  await until(() => health.entries().every(({ status }) => status !== "STARTING"), "all have run");
  await health.close();
  await health.close();
  assert.deepEqual([timers(), process.listenerCount("SIGTERM"), process.listenerCount("SIGINT")], before);
  assert.throws(
    () => health.subscribe("log" as never),
    /subscribe: option "listener" is "log", want a function/,
  );
});

test("entries() are frozen", async (t) => {
  const { clock, health } = watch(t, { probes: [{ name: "db", check }] });
  await clock.advance(1);
  const entries = health.entries();
  assert.ok(Object.isFrozen(entries) && entries.every(Object.isFrozen));
  await clock.advance(10_000);
  assert.notEqual(health.entries(), entries);
});

test("createHealth() names an error by its class and code, and tells its causes to the authorised", async (t) => {
  const { clock, health } = watch(t, {
    probes: [{ name: "db", check: async () => void (await fetch("http://127.0.0.1:2/")) }],
  });
  await clock.advance(1);
  while (health.entries()[0]?.status === "STARTING") await new Promise(setImmediate);
  const { fault } = health.entries()[0]!;
  assert.match(fault?.code ?? "", /^TypeError( ECONNREFUSED)?$/);
  assert.match(fault?.text ?? "", /^fetch failed: /);
});
