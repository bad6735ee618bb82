import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../test/helpers/until.ts";
import { createHealth, type Probe } from "../src/index.ts";
import { FakeClock } from "../src/testing.ts";
import { listen } from "./helpers/adapters.ts";
import { ask } from "./helpers/ask.ts";
import { CANARY, clients, faultyTargets, localFaults, SECRET } from "./helpers/faulty.ts";
import { startMetrics } from "./helpers/metrics.ts";

const ACCEPTS = ["*/*", "application/health+json", "text/plain", "text/html", "application/openmetrics-text"];

test("No secret and no host of 50 errors that clients really raise gets out", {
  timeout: 60_000,
}, async (t) => {
  const targets = await faultyTargets(t);
  const probes: Probe[] = [];
  for (const [client, connect] of Object.entries(clients)) {
    for (const [fault, target] of Object.entries(targets)) {
      probes.push({ name: `${client}: ${fault}`, check: () => connect(target) });
    }
  }
  for (const [name, check] of Object.entries(localFaults)) probes.push({ name, check });

  const collect = startMetrics(t);
  const told: string[] = [];
  const hook = await listen(t, async (request, response) => {
    for await (const chunk of request) told.push(String(chunk));
    response.end();
  });
  const write = (...line: unknown[]): void => void told.push(JSON.stringify(line));
  const clock = new FakeClock();
  const health = createHealth({
    service: "web",
    // Time stands still once all runs have begun, so none is called late.
    probes: probes.map((probe) => ({ ...probe, intervalMs: 100_000, timeoutMs: 90_000, failAfter: 1 })),
    authorize: (request) => request.headers["x-rule"] === "yes",
    logger: { error: write, debug: write },
    webhook: { url: hook },
    clock,
  });
  t.after(() => health.close());
  await clock.advance(10_000);
  const failed = (): number => health.entries().filter((entry) => entry.status === "ERROR").length;
  await until(() => failed() >= 50 && told.length >= 100, "50 errors have been raised");

  const read = async (rule: string): Promise<string[]> => {
    const paths = ["/health/status", "/health/status/internal", "/health/ready", "/health/live"];
    const bodies = paths.flatMap((path) =>
      ACCEPTS.map(async (accept) => {
        const { body, headers } = await ask(health, path, { accept, "x-rule": rule });
        return body + JSON.stringify(headers);
      }),
    );
    return Promise.all(bodies);
  };
  const points = JSON.stringify([...(await collect())]);
  assert.ok(points.includes("pg: refused port"));
  for (const text of [...(await read("no")), ...told, points]) assert.ok(!text.includes(CANARY), text);

  const details = await read("yes");
  assert.ok(details.some((text) => text.includes("ECONNREFUSED")));
  for (const text of details) {
    const at = text.indexOf(SECRET);
    assert.equal(at, -1, text.slice(Math.max(0, at - 300), at + 100));
  }
});
