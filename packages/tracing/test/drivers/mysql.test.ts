import assert from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { once } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";
import { context, SpanStatusCode } from "@opentelemetry/api";
import { SUPPRESS_TRACING } from "@whodunit/core";
import { createPool as createCallbackPool } from "mysql2";
import { createConnection, createPool } from "mysql2/promise";
import { PASSWORD, startMariadb } from "../../../../test/helpers/real-services.ts";
import { currentSpan, withSpan } from "../../src/index.ts";
import { only, recordOperations } from "../helpers/operations.ts";

test("operations of mysql2 are told by its channels", { timeout: 240_000 }, async (t) => {
  const server = await startMariadb(t);
  if (server === undefined) return;
  const { port } = server;
  const { recorder, told } = recordOperations(t);
  const login = { host: "127.0.0.1", port, user: "app", password: PASSWORD, database: "app" };
  const pool = createPool({ ...login, connectionLimit: 2 });
  const byCallback = createCallbackPool({ ...login, connectionLimit: 1 });
  t.after(() => pool.end());
  t.after(() => byCallback.end());
  const callee = `mysql://127.0.0.1:${port}/app`;
  await promisify(byCallback.query.bind(byCallback) as (sql: string, done: () => void) => void)("SELECT 1");
  await pool.query("CREATE TABLE orders (id INT PRIMARY KEY, token VARCHAR(40))");

  await t.test("query() gives one span and one callee, whose text holds no value", async () => {
    const all = await told(() =>
      pool.query("INSERT INTO orders VALUES (?, ?) -- first", [1, "hunter2-canary"]),
    );
    const span = only(all);
    assert.equal(span.name, "INSERT orders");
    assert.deepEqual(span.attributes, {
      "db.system.name": "mysql",
      "db.namespace": "app",
      "db.operation.name": "INSERT",
      "db.collection.name": "orders",
      "db.query.summary": "INSERT orders",
      "db.query.text": "INSERT INTO orders VALUES (?)",
      "server.address": "127.0.0.1",
      "server.port": port,
    });
    assert.deepEqual(all.counts, [`${callee} INSERT orders: 1`]);
  });

  await t.test("execute(), a connection's query and a stream give one span each", async () => {
    const executed = await told(() => pool.execute("SELECT * FROM orders WHERE id = ?", [1]));
    assert.equal(only(executed).attributes["db.query.text"], "SELECT * FROM orders WHERE id = ?");
    const connection = await createConnection(login);
    only(await told(() => connection.query("SELECT 2")));
    await connection.end();
    const streamed = await told(async () => {
      const rows = byCallback.query("SELECT * FROM orders").stream();
      rows.resume();
      await once(rows, "end");
    });
    assert.equal(only(streamed).name, "SELECT orders");
  });

  await t.test("a callback runs in the span of its caller, and so does what it asks", async () => {
    const all = await told(
      (span) =>
        new Promise<void>((resolve, reject) => {
          byCallback.query("SELECT 1", (error) => {
            if (error) reject(error);
            assert.equal(currentSpan()?.otel.spanContext().spanId, span.otel.spanContext().spanId);
            byCallback.execute("SELECT 2", () => resolve());
          });
        }),
    );
    assert.deepEqual(
      all.spans.map(({ parentSpanId }) => parentSpanId),
      [all.request.spanId, all.request.spanId],
    );
  });

  await t.test(
    "who reads a connection's answers is left where it was, even by a callback that throws",
    () => {
      let answer = (): void => {};
      const message = { query: "SELECT 1", database: "app", serverAddress: "127.0.0.1", serverPort: 1 };
      withSpan("request", (span) => {
        const called = (): void => {
          assert.equal(currentSpan()?.otel.spanContext().spanId, span.otel.spanContext().spanId);
          throw new Error("of the service's own");
        };
        const ask = (done: () => void): void => {
          answer = done;
        };
        tracingChannel("mysql2:query").traceCallback(ask, -1, message, undefined, called);
      });
      assert.throws(() => answer(), /of the service's own/);
      assert.equal(currentSpan(), undefined);
    },
  );

  await t.test("requests that wait for one connection each keep their own operations", async () => {
    recorder.clear();
    const queries = Array.from({ length: 8 }, (_, i) =>
      withSpan(
        `request-${i}`,
        () => new Promise<void>((resolve) => byCallback.query(`SELECT ${i} AS n${i}`, () => resolve())),
      ),
    );
    await Promise.all(queries);
    for (const [i] of queries.entries())
      recorder.span({ attributes: { "db.query.text": `SELECT ? AS n${i}` }, parent: `request-${i}` });
  });

  await t.test("what the server refuses is an error of the span, and no failure of the callee", async () => {
    const all = await told(() => pool.query("INSERT INTO orders VALUES (1, 'hunter2-canary')"));
    const span = only(all);
    assert.equal(span.status, SpanStatusCode.ERROR);
    assert.equal(span.attributes["error.type"], "ER_DUP_ENTRY");
    assert.equal(span.attributes["db.response.status_code"], "1062");
    assert.deepEqual(all.counts, [`${callee} INSERT orders: 2`]);
    const wrong = await told(() => pool.query("SELEC 'hunter2-canary'"));
    assert.equal(only(wrong).attributes["error.type"], "ER_PARSE_ERROR");
    assert.doesNotMatch(JSON.stringify([span, wrong.spans]), /hunter2/);
  });

  await t.test("a connection that is refused is the callee's failure", async () => {
    const all = await told(() => createConnection({ ...login, port: 1 }));
    const span = only(all);
    assert.equal(span.name, "connect");
    assert.equal(span.attributes["error.type"], "ECONNREFUSED");
    assert.deepEqual(all.counts, ["mysql://127.0.0.1:1/app connect: 1, 1 failed"]);
  });

  await t.test("what telemetry itself asks leaves no span and no count", async () => {
    const suppressed = context.active().setValue(SUPPRESS_TRACING, true);
    const all = await told(() => context.with(suppressed, () => pool.query("SELECT 1")));
    assert.deepEqual([all.spans, all.counts], [[], []]);
  });
});
