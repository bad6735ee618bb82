import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Level } from "../../src/index.ts";
import { createScriptedProbe } from "../../src/testing.ts";
import { resolveProbe } from "../../src/watch/probe.ts";
import { ProbeState } from "../../src/watch/probe-state.ts";
import type { Outcome } from "../../src/watch/run.ts";
import { watch } from "../helpers/watch.ts";

type Word = Outcome["status"];
const INTERVAL_MS = 1_000;

function levels(words: readonly Word[], failAfter: number = 2, recoverAfter: number = 2): Level[] {
  const state = new ProbeState(resolveProbe({ name: "db", check: () => {}, failAfter, recoverAfter }), 0, 0);
  return words.map((status, index) => {
    state.record({ status, durationMs: 1 }, 0, index * INTERVAL_MS, index * INTERVAL_MS);
    return state.entry.level;
  });
}

test("ProbeState starts well with one good run, and failing only after failAfter bad ones", () => {
  assert.deepEqual(levels(["OK"]), ["well"]);
  assert.deepEqual(levels(["DEGRADED"]), ["degraded"]);
  assert.deepEqual(levels(["ERROR", "TIMEOUT"]), ["unknown", "failing"]);
  assert.deepEqual(levels(["ERROR", "OK"]), ["unknown", "well"]);
});

test("ProbeState gets worse after failAfter runs and better after recoverAfter", () => {
  assert.deepEqual(levels(["OK", "ERROR", "ERROR", "OK", "OK"]), [
    "well",
    "well",
    "failing",
    "failing",
    "well",
  ]);
  assert.deepEqual(levels(["OK", "ERROR", "ERROR", "ERROR"], 3).at(-1), "failing");
  assert.deepEqual(levels(["OK", "ERROR", "OK", "ERROR"], 1, 1), ["well", "failing", "well", "failing"]);
  assert.deepEqual(levels(["OK", "DEGRADED", "ERROR"]), ["well", "well", "degraded"]);
  assert.deepEqual(levels(["ERROR", "ERROR", "DEGRADED", "OK"]).slice(1), ["failing", "failing", "degraded"]);
  assert.deepEqual(levels(["DEGRADED", "OK", "OK"]), ["degraded", "degraded", "well"]);
});

test("ProbeState makes no transition of an alternating probe, and marks it after 6 changes in 20 runs", () => {
  const state = new ProbeState(resolveProbe({ name: "db", check: () => {} }), 0, 0);
  const marked: boolean[] = [];
  for (let run = 0; run < 40; run++) {
    const status = run % 2 === 0 || run >= 8 ? "OK" : "ERROR";
    state.record({ status, durationMs: 1 }, 0, run, run);
    assert.equal(state.entry.level, "well");
    marked.push(state.entry.flapping);
  }
  assert.deepEqual([marked.indexOf(true), marked.lastIndexOf(true)], [6, 22]);
});

test("ProbeState keeps a level until enough runs in a row say otherwise, whatever the runs", () => {
  const word = fc.constantFrom<Word>("OK", "DEGRADED", "ERROR", "TIMEOUT");
  const severity = { OK: 0, DEGRADED: 1, ERROR: 2, TIMEOUT: 2 };
  const rank = { unknown: -1, well: 0, degraded: 1, failing: 2 };
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 40 }),
      fc.nat(3),
      fc.nat(3),
      (words, more, less) => {
        const [failAfter, recoverAfter] = [more + 1, less + 1];
        const seen = levels(words, failAfter, recoverAfter);
        for (let index = 1; index < seen.length; index++) {
          const [before, now] = [rank[seen[index - 1]!], rank[seen[index]!]];
          if (before === now || before === -1) continue;
          const needed = now > before ? failAfter : recoverAfter;
          const lastRuns = words.slice(index + 1 - needed, index + 1).map((status) => severity[status]);
          assert.equal(lastRuns.length, needed);
          assert.ok(lastRuns.every((run) => (now > before ? run >= now : run <= now)));
        }
      },
    ),
  );
});

test("ProbeState keeps the last 100 changes of Status", () => {
  const state = new ProbeState(resolveProbe({ name: "db", check: () => {} }), 0, 0);
  for (let run = 0; run < 1_000; run++) {
    state.record({ status: run % 2 === 0 ? "OK" : "ERROR", durationMs: 1 }, 0, run, run);
  }
  const { history } = state.entry;
  assert.equal(history.length, 100);
  assert.deepEqual(history.at(-1), { status: "ERROR", since: 999 });
  assert.deepEqual(history[0], { status: "OK", since: 900 });
});

test("createHealth() turns a probe without a result for 3 intervals and a time-out STALE", async (t) => {
  const db = createScriptedProbe({ name: "db", intervalMs: 1_000, timeoutMs: 500 });
  const { clock, health, statuses, changes } = watch(t, { probes: [db.probe] });
  await clock.advance(10);
  const last = health.entries()[0]?.statusTime;
  // A dead scheduler: nothing calls back any more.
  await health.close();
  await clock.advance(3_489);
  assert.deepEqual(statuses(), ["OK"]);
  await clock.advance(1);
  assert.deepEqual(statuses(), ["STALE"]);
  assert.equal(health.entries()[0]?.level, "failing");
  assert.equal(health.entries()[0]?.statusTime, last);
  assert.deepEqual(
    changes.map((change) => change.event),
    ["health-db-stale"],
  );
});

test("createHealth() is not moved by a wall clock that moves by an hour", async (t) => {
  const db = createScriptedProbe({ name: "db", intervalMs: 1_000 });
  const { clock, statuses, changes } = watch(t, { probes: [db.probe] });
  for (const step of [3_600_000, -7_200_000]) {
    await clock.advance(1_500);
    const { runs } = db;
    clock.moveWall(step);
    assert.deepEqual(statuses(), ["OK"]);
    await clock.advance(3_000);
    assert.equal(db.runs, runs + 3);
    assert.deepEqual(statuses(), ["OK"]);
  }
  assert.deepEqual(changes, []);
});
