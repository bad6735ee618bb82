import assert from "node:assert/strict";
import { test } from "node:test";
import { createScriptedProbe } from "../../src/testing.ts";
import { watch } from "../helpers/watch.ts";

test("createHealth() logs a change as error, a recovery and a priority of none as debug", async (t) => {
  const lines: [level: string, name: string, fields: object][] = [];
  const logger = {
    error: (name: string, fields: object): void => void lines.push(["error", name, fields]),
    debug: (name: string, fields: object): void => void lines.push(["debug", name, fields]),
  };
  const script = ["OK", "ERROR", "ERROR", "OK"] as const;
  const db = createScriptedProbe({ name: "twodegrees/monetizer", intervalMs: 1_000 }, ...script);
  const shown = createScriptedProbe({ name: "shown", intervalMs: 1_000, priority: "none" }, ...script);
  const slow = createScriptedProbe({ name: "slow", intervalMs: 1_000 }, "OK", "DEGRADED");
  const { clock } = watch(t, { probes: [db.probe, shown.probe, slow.probe], logger });
  await clock.advance(5_000);
  assert.deepEqual(
    lines.map(([level, name]) => [level, name]),
    [
      ["error", "health-twodegrees_monetizer-error"],
      ["debug", "health-shown-error"],
      ["error", "health-slow-degraded"],
      ["debug", "health-twodegrees_monetizer-ok"],
      ["debug", "health-shown-ok"],
    ],
  );
  assert.deepEqual(lines[0]?.[2], {
    probe: "twodegrees/monetizer",
    from: "OK",
    to: "ERROR",
    since: "2030-01-01T00:00:01.000Z",
    at: "2030-01-01T00:00:02.000Z",
    priority: "page",
    critical: false,
    group: "internal",
    error: "Error",
  });
});
