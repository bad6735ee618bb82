import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { PASSWORD, startPostgres } from "../../../../../test/helpers/real-services.ts";
import { until } from "../../../../../test/helpers/until.ts";
import { createHealth, postgresProbe } from "../../../src/index.ts";
import { proveDependency } from "../../helpers/dependency.ts";

function poolOf(port: number, password: string, max: number = 4): pg.Pool {
  const pool = new pg.Pool({ host: "127.0.0.1", port, user: "app", password, database: "postgres", max });
  pool.on("error", () => {});
  return pool;
}

proveDependency({
  name: "postgresProbe() with a pool of pg",
  login: true,
  start: startPostgres,
  open(port, password) {
    const pool = poolOf(port, password);
    return { probe: postgresProbe({ name: "myDB", client: pool }), close: () => pool.end() };
  },
});

test("postgresProbe() says when the pool is exhausted", { timeout: 120_000 }, async (t) => {
  const server = await startPostgres(t);
  if (server === undefined) return;
  const pool = poolOf(server.port, PASSWORD, 1);
  await until(
    () =>
      pool.query("SELECT 1").then(
        () => true,
        () => false,
      ),
    "PostgreSQL has started",
  );
  const client = await pool.connect();
  const health = createHealth({
    service: "web",
    probes: [{ ...postgresProbe({ name: "myDB", client: pool }), intervalMs: 300 }],
  });
  t.after(() => health.close());
  await until(() => health.entries()[0]?.status === "TIMEOUT", "the probe times out");
  // One waits for each run by then.
  const waiting = /^no answer within 150 ms: all 1 connections of the pool are in use, [1-9] callers wait$/;
  assert.match(health.entries()[0]?.fault?.text ?? "", waiting);
  client.release();
  await until(() => health.entries()[0]?.status === "OK", "the probe is well");
  await health.close();
  await pool.end();
});
