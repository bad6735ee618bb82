import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { investigate, renderVerdict, type Verdict } from "whodunit";
import { PASSWORD, startPostgres, startRabbitmq, startRedis } from "./helpers/real-services.ts";
import { leftOut } from "./helpers/scale.ts";
import { until } from "./helpers/until.ts";

const GOOD = 40;
const BAD = 40;

// Each starts a server, and some take ten seconds for that.
const CASES = ["locked", "patient", "redis", "rabbitmq"] as const;
const isLeftOut = leftOut(CASES, 2);

/** A service that asks this database or broker once a request. */
async function startService(t: TestContext, uses: string, port: number): Promise<string> {
  const child = fork(new URL("helpers/database-service.ts", import.meta.url), {
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none", USES: uses, PORT: `${port}` },
    execArgv: ["--conditions=@whodunit/source"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [url] = (await once(child, "message")) as [string];
  return url;
}

async function send(url: string, times: number, expected: number): Promise<void> {
  for (let sent = 0; sent < times; sent += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetch(url)));
    for (const answer of answers) {
      await answer.arrayBuffer();
      assert.equal(answer.status, expected);
    }
  }
}

/** Who is at fault, how, and by which error. */
async function verdictOf(url: string): Promise<[service: string, fault: string, error: string]> {
  const verdict = await investigate([url], { view: "http://127.0.0.1:9" });
  assert.equal(verdict.culprits.length, 1, renderVerdict(verdict));
  const { service, fault, error } = verdict.culprits[0]!;
  return [service, fault, error];
}

test("whodunit names a PostgreSQL whose table is locked, and the state that it answers", {
  skip: isLeftOut("locked"),
  timeout: 240_000,
}, async (t) => {
  const server = await startPostgres(t);
  if (server === undefined) return;
  const { port } = server;
  const login = { host: "127.0.0.1", port, user: "app", password: PASSWORD, database: "postgres" };
  const locker = await connected(login);
  t.after(() => locker.end());
  await locker.query("CREATE TABLE orders (id INT PRIMARY KEY, count INT)");
  await locker.query("INSERT INTO orders VALUES (1, 0)");
  const url = await startService(t, "postgres", port);
  await send(url, GOOD, 200);
  await locker.query("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
  await send(url, BAD, 500);
  const callee = `postgresql://127.0.0.1:${port}/postgres`;
  assert.deepEqual(await verdictOf(url), [callee, "errors", "55P03 lock_not_available"]);
});

test("whodunit names a PostgreSQL whose table is locked while nobody gives up: what waits is told before it ends", {
  skip: isLeftOut("patient"),
  timeout: 240_000,
}, async (t) => {
  const server = await startPostgres(t);
  if (server === undefined) return;
  const { port } = server;
  const login = { host: "127.0.0.1", port, user: "app", password: PASSWORD, database: "postgres" };
  const locker = await connected(login);
  t.after(() => locker.end());
  await locker.query("CREATE TABLE orders (id INT PRIMARY KEY, count INT)");
  await locker.query("INSERT INTO orders VALUES (1, 0)");
  const url = await startService(t, "patient postgres", port);
  await send(url, GOOD, 200);
  await locker.query("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
  // More than the pool has connections for: the rest waits behind them.
  const asked = Promise.all(Array.from({ length: 30 }, async () => (await fetch(url)).status));
  let verdict: Verdict | undefined;
  await until(async () => {
    verdict = await investigate([url], { windowS: 10, view: "http://127.0.0.1:9" });
    return verdict.culprits.length > 0;
  }, "somebody is named");
  const told = renderVerdict(verdict!);
  assert.deepEqual(
    verdict!.culprits.map(({ service, fault }) => [service, fault]),
    [[`postgresql://127.0.0.1:${port}/postgres`, "slow"]],
    told,
  );
  // How many of those that went well before are within the ten seconds depends on how soon somebody is named.
  assert.match(told, /\b10 of \d+ have no answer yet/);
  await locker.query("ROLLBACK");
  assert.deepEqual([...new Set(await asked)], [200]);
});

async function connected(login: pg.ClientConfig): Promise<pg.Client> {
  let client = new pg.Client(login);
  await until(async () => {
    client = new pg.Client(login);
    try {
      await client.connect();
      return true;
    } catch {
      // It still starts.
      return false;
    }
  }, "PostgreSQL has started");
  client.on("error", () => {});
  return client;
}

test("whodunit names a Redis that is stopped, and that nobody can reach it", {
  skip: isLeftOut("redis"),
  timeout: 240_000,
}, async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  const url = await startService(t, "redis", server.port);
  await send(url, GOOD, 200);
  await server.kill();
  await until(async () => (await fetch(url)).status === 500, "the connection is gone");
  await send(url, BAD, 500);
  assert.deepEqual(await verdictOf(url), [`redis://127.0.0.1:${server.port}`, "unreachable", "ECONNREFUSED"]);
});

test("whodunit names a RabbitMQ whose queue is full, and that it refuses more", {
  skip: isLeftOut("rabbitmq"),
  timeout: 240_000,
}, async (t) => {
  const server = await startRabbitmq(t);
  if (server === undefined) return;
  const url = await startService(t, "rabbitmq", server.port);
  await send(url, 60, 200);
  await send(url, 60, 500);
  assert.deepEqual(await verdictOf(url), [`rabbitmq://127.0.0.1:${server.port}`, "errors", "nacked"]);
});
