import assert from "node:assert/strict";
import { test } from "node:test";
import { metrics } from "@opentelemetry/api";
import { createScriptedProbe } from "../../src/testing.ts";
import { startMetrics } from "../helpers/metrics.ts";
import { watch } from "../helpers/watch.ts";

test("createHealth() feeds OpenTelemetry's metrics, also of a provider that is registered later", async (t) => {
  const db = createScriptedProbe(
    { name: "db", intervalMs: 1_000, timeoutMs: 200, critical: true },
    "OK",
    "OK",
    "HANG",
  );
  const { clock } = watch(t, { probes: [db.probe] });
  await clock.advance(500);
  const collect = startMetrics(t);
  await clock.advance(3_000);
  const points = await collect();
  const common = {
    "health.probe.name": "db",
    "health.probe.group": "internal",
    "health.probe.priority": "page",
    "health.probe.critical": true,
  };
  const statuses = ["OK", "DEGRADED", "TIMEOUT", "ERROR", "STALE", "STARTING"];
  assert.deepEqual(
    points.get("health.probe.status")?.map(({ attributes, value }) => ({ attributes, value })),
    statuses.map((status) => ({
      attributes: { ...common, "health.probe.status": status },
      value: status === "TIMEOUT" ? 1 : 0,
    })),
  );
  // The first run was before the provider; the TIMEOUT that was renewed is one run.
  assert.deepEqual(
    points.get("health.probe.duration")?.map(({ attributes, value }) => {
      const { count, sum } = value as { count: number; sum: number };
      return [attributes["health.probe.status"], count, sum];
    }),
    [
      ["OK", 1, 0],
      ["TIMEOUT", 1, 0.2],
    ],
  );
});

test("createHealth() is not disturbed by a meter provider that throws", async (t) => {
  metrics.setGlobalMeterProvider({
    getMeter() {
      throw new Error("no meter");
    },
  });
  t.after(() => metrics.disable());
  const { clock, statuses } = watch(t, {
    probes: [createScriptedProbe({ name: "db", intervalMs: 1_000 }).probe],
  });
  await clock.advance(5_000);
  assert.deepEqual(statuses(), ["OK"]);
});
