import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { until } from "../../../../../test/helpers/until.ts";
import { createHealth, postgresProbe } from "../../../src/index.ts";
import { PASSWORD, proveDependency } from "../../helpers/dependency.ts";
import {
  findProgram,
  freePort,
  type RealServer,
  runProgram,
  serverFolder,
  startServer,
} from "../../helpers/real-server.ts";

async function start(t: TestContext): Promise<RealServer | undefined> {
  const initdb = findProgram(t, "initdb", "postgresql", ...debianFolders());
  const command = findProgram(t, "postgres", "postgresql", ...debianFolders());
  if (initdb === undefined || command === undefined) return undefined;
  const folder = serverFolder(t);
  const [data, passwordFile, port] = [`${folder}/data`, `${folder}/password`, await freePort()];
  writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
  runProgram(
    initdb,
    ["-D", data, "-U", "app", "-A", "scram-sha-256", "--pwfile", passwordFile, "--no-sync"],
    folder,
  );
  const args = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", folder, "-F"];
  return startServer(t, folder, port, { command, args });
}

function debianFolders(): string[] {
  try {
    return readdirSync("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    // Not Debian, or not installed: the PATH is left.
    return [];
  }
}

function poolOf(port: number, password: string, max: number = 4): pg.Pool {
  const pool = new pg.Pool({ host: "127.0.0.1", port, user: "app", password, database: "postgres", max });
  pool.on("error", () => {});
  return pool;
}

proveDependency({
  name: "postgresProbe() with a pool of pg",
  login: true,
  start,
  open(port, password) {
    const pool = poolOf(port, password);
    return { probe: postgresProbe({ name: "myDB", client: pool }), close: () => pool.end() };
  },
});

test("postgresProbe() says when the pool is exhausted", { timeout: 120_000 }, async (t) => {
  const server = await start(t);
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
  const text = health.entries()[0]?.fault?.text;
  assert.equal(text, "no answer within 150 ms: all 1 connections of the pool are in use, 1 callers wait");
  client.release();
  await until(() => health.entries()[0]?.status === "OK", "the probe is well");
  await health.close();
  await pool.end();
});
