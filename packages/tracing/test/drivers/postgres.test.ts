import assert from "node:assert/strict";
import { test } from "node:test";
import { context, SpanStatusCode } from "@opentelemetry/api";
import { SUPPRESS_TRACING } from "@whodunit/core";
import pg from "pg";
import postgres from "postgres";
import { PASSWORD, startPostgres } from "../../../../test/helpers/real-services.ts";
import { until } from "../../../../test/helpers/until.ts";
import { currentSpan, traceClient, withSpan } from "../../src/index.ts";
import { only, recordOperations } from "../helpers/operations.ts";

test("traceClient() tells the operations of pg and postgres", { timeout: 240_000 }, async (t) => {
  const server = await startPostgres(t);
  if (server === undefined) return;
  const { port } = server;
  const { recorder, told } = recordOperations(t);
  const login = { host: "127.0.0.1", port, user: "app", password: PASSWORD, database: "postgres" };
  const pool = new pg.Pool({ ...login, max: 1 });
  pool.on("error", () => {});
  assert.equal(traceClient(pool), pool);
  assert.equal(traceClient(traceClient(pool)), pool, "twice is once");
  t.after(() => pool.end());
  const plain = postgres({ ...login, max: 2, onnotice: () => {} });
  const sql = traceClient(plain);
  t.after(() => sql.end());
  const callee = `postgresql://127.0.0.1:${port}/postgres`;
  await until(
    () =>
      pool.query("SELECT 1").then(
        () => true,
        () => false,
      ),
    "PostgreSQL has started",
  );
  await pool.query("CREATE TABLE orders (id INT PRIMARY KEY, token TEXT)");

  await t.test("a pool's query gives one span and one callee, whose text holds no value", async () => {
    const all = await told(() => pool.query("INSERT INTO orders VALUES ($1, 'hunter2-canary')", [1]));
    const span = only(all);
    assert.equal(span.name, "INSERT orders");
    assert.deepEqual(span.attributes, {
      "db.system.name": "postgresql",
      "db.namespace": "postgres",
      "db.operation.name": "INSERT",
      "db.collection.name": "orders",
      "db.query.summary": "INSERT orders",
      "db.query.text": "INSERT INTO orders VALUES ($1, ?)",
      "server.address": "127.0.0.1",
      "server.port": port,
    });
    assert.deepEqual(all.counts, [`${callee} INSERT orders: 1`]);
  });

  const calls: Readonly<Record<string, () => unknown>> = {
    "a promise": () => pool.query("SELECT * FROM orders"),
    "a configuration": () => pool.query({ text: "SELECT * FROM orders", rowMode: "array" }),
    "a callback": () => new Promise((resolve) => pool.query("SELECT * FROM orders", resolve)),
    "values and a callback": () =>
      new Promise((resolve) => pool.query("SELECT * FROM orders WHERE id = $1", [1], resolve)),
    "a checked out client": async () => {
      const client = await pool.connect();
      await client.query("SELECT * FROM orders");
      client.release();
    },
    "a query that submits itself": () =>
      pool.connect().then(
        (client) =>
          new Promise((resolve, reject) => {
            const query = client.query(new pg.Query("SELECT * FROM orders"));
            query.on("error", reject);
            query.on("end", () => resolve(client.release()));
          }),
      ),
    "a query of postgres": () => sql`SELECT * FROM orders WHERE id = ${1}`,
    "a query of postgres with parts": () => sql`SELECT * FROM ${sql("orders")} ${sql`WHERE id = ${1}`}`,
    "unsafe() of postgres": () => sql.unsafe("SELECT * FROM orders"),
    "forEach() of postgres": () => sql`SELECT * FROM orders`.forEach(() => {}),
    "a transaction of postgres": () => sql.begin((inner) => inner`SELECT * FROM orders`),
    "a reserved connection of postgres": async () => {
      const reserved = await sql.reserve();
      await reserved`SELECT * FROM orders`;
      reserved.release();
    },
    "a cursor of postgres": async () => {
      for await (const rows of sql`SELECT * FROM orders, generate_series(1, 3)`.cursor(1)) assert.ok(rows);
    },
  };
  for (const [name, call] of Object.entries(calls)) {
    await t.test(`${name} is one operation, a child of the span it was called in`, async () => {
      const all = await told(call);
      const span = only(all);
      assert.equal(span.name, "SELECT orders");
      assert.equal(span.status, SpanStatusCode.UNSET);
      assert.match(all.counts.join(), new RegExp(`^${callee} SELECT orders: \\d+$`));
    });
  }

  await t.test(
    "requests that wait for one client each keep their own operations and their own context",
    async () => {
      recorder.clear();
      const requests = Array.from({ length: 8 }, (_, i) =>
        withSpan(
          `request-${i}`,
          (span) =>
            new Promise<void>((resolve, reject) =>
              pool.query(`SELECT 1 AS n${i}`, () => {
                const active = currentSpan()?.otel.spanContext().spanId;
                if (active === span.otel.spanContext().spanId) resolve();
                else reject(new Error("called back elsewhere"));
              }),
            ),
        ),
      );
      await Promise.all(requests);
      for (const [i] of requests.entries()) {
        recorder.span({ attributes: { "db.query.text": `SELECT ? AS n${i}` }, parent: `request-${i}` });
      }
    },
  );

  const mistakes: Readonly<Record<string, () => unknown>> = {
    pg: () => pool.query("INSERT INTO orders VALUES (1, 'hunter2-canary')"),
    "pg with a callback": () =>
      new Promise((_, reject) => pool.query("INSERT INTO orders VALUES (1, 'hunter2-canary')", reject)),
    postgres: () => sql`INSERT INTO orders VALUES (${1}, ${"hunter2-canary"})`,
  };
  for (const [name, mistake] of Object.entries(mistakes)) {
    await t.test(
      `what the server refuses ${name} is an error of the span, and no failure of the callee`,
      async () => {
        const all = await told(mistake);
        const span = only(all);
        assert.equal(span.status, SpanStatusCode.ERROR);
        assert.equal(span.attributes["error.type"], "23505");
        assert.equal(span.attributes["db.response.status_code"], "23505");
        assert.match(all.counts.join(), /INSERT orders: \d+$/);
        assert.doesNotMatch(JSON.stringify(all.spans), /hunter2/);
      },
    );
  }

  await t.test(
    "a statement that is cancelled for its time is the callee's failure, by the name of its state",
    async () => {
      const all = await told(async () => {
        const client = await pool.connect();
        try {
          await client.query("SET statement_timeout = 50");
          await client.query("SELECT pg_sleep(10)").catch(() => {});
          await client.query("RESET statement_timeout");
        } finally {
          client.release();
        }
      });
      assert.match(all.counts.join(), /SELECT: \d+, 1 failed/);
      const { series } = recorder.traffic.snapshot();
      const failed = series.find(({ route, failures }) => route === "SELECT" && failures > 0);
      assert.equal(failed?.classes["57014 query_canceled"], 1);
    },
  );

  await t.test(
    "a connection that is refused is the callee's failure, of a pool, a client and postgres",
    async () => {
      const gone = { ...login, port: 1 };
      const calleeGone = "postgresql://127.0.0.1:1/postgres";
      const closed = traceClient(new pg.Pool(gone));
      const pooled = await told(() => closed.query("SELECT 1"));
      assert.equal(only(pooled).attributes["error.type"], "ECONNREFUSED");
      assert.deepEqual(pooled.counts, [`${calleeGone} connect: 1, 1 failed`]);
      const client = await told(() => traceClient(new pg.Client(gone)).connect());
      assert.equal(only(client).name, "connect");
      assert.deepEqual(client.counts, [`${calleeGone} connect: 2, 2 failed`]);
      const refused = traceClient(postgres({ ...gone, connect_timeout: 1 }));
      const queried = await told(() => refused`SELECT 1`);
      assert.equal(only(queried).attributes["error.type"], "ECONNREFUSED");
      assert.deepEqual(queried.counts, [`${calleeGone} SELECT: 1, 1 failed`]);
    },
  );

  await t.test("what telemetry itself asks leaves no span and no count", async () => {
    const suppressed = context.active().setValue(SUPPRESS_TRACING, true);
    const all = await told(() =>
      context.with(suppressed, async () => {
        await pool.query("SELECT 1");
        await sql`SELECT 1`;
      }),
    );
    assert.deepEqual([all.spans, all.counts], [[], []]);
  });

  await t.test("a query that throws, and one without a callback, fare as without Whodunit", async () => {
    const client = traceClient(new pg.Client(login));
    await client.connect();
    const throwing = await told(() =>
      assert.throws(() => client.query(undefined as never), /null or undefined query/),
    );
    assert.equal(only(throwing).status, SpanStatusCode.ERROR);
    await recorder.close();
    assert.equal((await client.query("SELECT 1 AS one")).rows[0].one, 1, "after close() it works on");
    await client.end();
  });
});
