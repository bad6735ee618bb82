import assert from "node:assert/strict";
import { test } from "node:test";
import { createScriptedProbe } from "../../src/testing.ts";
import { watch } from "../helpers/watch.ts";

test("createHealth() tells subscribers each change once, with what it was and since when", async (t) => {
  const db = createScriptedProbe({
    name: "myDB",
    intervalMs: 1_000,
    timeoutMs: 100,
    priority: "business-hours",
  });
  const { clock, changes } = watch(t, { probes: [db.probe] });
  await clock.advance(2_500);
  assert.equal(changes.length, 0);
  db.play("HANG");
  await clock.advance(10_000);
  assert.equal(changes.length, 1);
  const { event, from, to, probe, priority, since, at, error } = changes[0]!;
  assert.deepEqual(
    { event, from, to, probe, priority, error },
    {
      event: "health-mydb-timeout",
      from: "OK",
      to: "TIMEOUT",
      probe: "myDB",
      priority: "business-hours",
      error: "TIMEOUT",
    },
  );
  assert.equal(Date.parse(at) - Date.parse(since), 1_000);
  db.play("OK");
  db.release();
  await clock.advance(5_000);
  assert.deepEqual(
    changes.map((change) => [change.event, change.from, change.to]),
    [
      ["health-mydb-timeout", "OK", "TIMEOUT"],
      ["health-mydb-ok", "TIMEOUT", "OK"],
    ],
  );
});

test("subscribe() keeps what a listener throws away from the others and the probes", async (t) => {
  const db = createScriptedProbe({ name: "db", intervalMs: 1_000 }, "ERROR");
  const { clock, health, changes, statuses } = watch(t, { probes: [db.probe] });
  health.subscribe(() => {
    throw new Error("listener");
  });
  health.subscribe(() => Promise.reject(new Error("listener")));
  const late: string[] = [];
  const unsubscribe = health.subscribe((change) => void late.push(change.event));
  await clock.advance(1_500);
  unsubscribe();
  db.play("OK");
  await clock.advance(3_000);
  assert.deepEqual(late, ["health-db-error"]);
  assert.equal(changes.length, 2);
  assert.deepEqual(statuses(), ["OK"]);
});
