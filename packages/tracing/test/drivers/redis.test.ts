import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { Redis } from "ioredis";
import { createClient, createClientPool } from "redis";
import { PASSWORD, startRedis } from "../../../../test/helpers/real-services.ts";
import { until } from "../../../../test/helpers/until.ts";
import { traceClient, withSpan } from "../../src/index.ts";
import { only, recordOperations } from "../helpers/operations.ts";

test("operations of redis and ioredis are told by their channels", { timeout: 240_000 }, async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  const { port } = server;
  const { told, recorder } = recordOperations(t);
  const callee = `redis://127.0.0.1:${port}`;
  const client = createClient({
    password: PASSWORD,
    socket: { host: "127.0.0.1", port, reconnectStrategy: 50 },
  });
  client.on("error", () => {});
  const ioredis = new Redis({
    host: "127.0.0.1",
    port,
    password: PASSWORD,
    lazyConnect: true,
    retryStrategy: () => 50,
  });
  ioredis.on("error", () => {});
  t.after(() => client.destroy());
  t.after(() => ioredis.disconnect());

  await t.test(
    "connecting inside of a span is one operation, without those that set the connection up",
    async () => {
      for (const connect of [() => client.connect(), () => ioredis.connect()]) {
        const all = await told(connect);
        assert.equal(only(all).name, "connect");
      }
    },
  );

  const sets: Readonly<Record<string, () => Promise<unknown>>> = {
    redis: () => client.set("session:hunter2-canary", "hunter2-canary"),
    ioredis: () => ioredis.set("session:hunter2-canary", "hunter2-canary"),
  };
  for (const [name, set] of Object.entries(sets)) {
    await t.test(
      `a command of ${name} gives one span and one callee, and shows neither key nor value`,
      async () => {
        const all = await told(set);
        const span = only(all);
        assert.equal(span.name, "SET");
        assert.deepEqual(span.attributes, {
          "db.system.name": "redis",
          "db.operation.name": "SET",
          "db.query.text": "SET ? ?",
          "server.address": "127.0.0.1",
          "server.port": port,
        });
        assert.match(all.counts.join(), new RegExp(`^${callee} SET: \\d$`));
      },
    );
  }

  await t.test(
    "who waits for a connection of a pool of redis is told with what the process needs",
    async () => {
      const options = { password: PASSWORD, socket: { host: "127.0.0.1", port } };
      const pool = createClientPool(options, { minimum: 1, maximum: 1 });
      await pool.connect();
      // One at a time holds the connection, for 50 ms in the server: most of the time others wait.
      let going = true;
      const ask = async (): Promise<void> => {
        while (going) await pool.execute((one) => one.blPop("nothing-comes", 0.05));
      };
      const askers = Array.from({ length: 4 }, ask);
      const waits = () => recorder.traffic.snapshot().resources.flatMap((window) => window.waits);
      const isTold = () =>
        waits().some(({ kind, name, waiting }) => kind === "pool" && name === callee && waiting >= 1);
      await until(isTold);
      going = false;
      await Promise.all(askers);
      pool.destroy();
    },
  );

  await t.test(
    "traceClient() has what waits for a connection of a pool of redis belong to who waited",
    async (t) => {
      const options = { password: PASSWORD, socket: { host: "127.0.0.1", port } };
      const pool = traceClient(createClientPool(options, { minimum: 1, maximum: 1 }));
      assert.equal(traceClient(pool), pool);
      t.after(() => pool.destroy());
      await pool.connect();
      recorder.clear();
      const askers = ["first", "second", "third"];
      await Promise.all(
        askers.map((name) =>
          withSpan(name, async () => {
            await pool.get(name);
            await pool.multi().get(name).exec();
            await pool.execute((one) => one.exists(name));
          }),
        ),
      );
      for (const name of askers) {
        const { spanId } = recorder.span({ name });
        const own = recorder.spans.filter(({ parentSpanId }) => parentSpanId === spanId);
        assert.deepEqual(own.map((span) => span.name).sort(), ["EXISTS", "GET", "MULTI"], recorder.tree());
      }
    },
  );

  const batches: Readonly<Record<string, () => Promise<unknown>>> = {
    redis: () => client.multi().set("a", "1").get("a").exec(),
    ioredis: () => ioredis.multi().set("a", "1").get("a").exec(),
    "redis as a pipeline": () => client.multi().set("a", "1").get("a").execAsPipeline(),
  };
  for (const [name, batch] of Object.entries(batches)) {
    await t.test(`a transaction of ${name} is one operation`, async () => {
      const span = only(await told(batch));
      assert.equal(span.name, name.endsWith("pipeline") ? "PIPELINE" : "MULTI");
      assert.equal(span.attributes["db.operation.batch.size"], 2);
    });
  }

  const mistakes: Readonly<Record<string, () => Promise<unknown>>> = {
    redis: () => client.lPush("a", "x"),
    ioredis: () => ioredis.lpush("a", "x"),
  };
  for (const [name, push] of Object.entries(mistakes)) {
    await t.test(
      `what Redis refuses ${name} is an error of the span, and no failure of the callee`,
      async () => {
        const all = await told(push);
        const span = only(all);
        assert.equal(span.status, SpanStatusCode.ERROR);
        assert.equal(span.attributes["error.type"], "WRONGTYPE");
        assert.equal(span.attributes["db.response.status_code"], "WRONGTYPE");
        assert.match(all.counts.join(), /LPUSH: \d$/);
      },
    );
  }

  await t.test(
    "traceClient() tells commands of ioredis once, those that it holds back among the request's",
    async () => {
      const held = traceClient(
        new Redis({
          host: "127.0.0.1",
          port,
          password: PASSWORD,
          lazyConnect: true,
          retryStrategy: () => 50,
        }),
      );
      held.on("error", () => {});
      t.after(() => held.disconnect());
      const first = await told(() => held.get("a"));
      assert.deepEqual(
        first.spans.map(({ name, parentSpanId }) => [name, parentSpanId === first.request.spanId]).toSorted(),
        [
          ["GET", true],
          ["connect", true],
        ],
      );
      assert.equal(only(await told(() => held.get("a"))).name, "GET");
      assert.equal(only(await told(() => held.multi().get("a").exec())).name, "MULTI");
    },
  );

  await t.test("a Redis that is gone is a callee to which no connection can be made, for both", async () => {
    recorder.clear();
    await server.kill();
    await until(() => {
      const { series } = recorder.traffic.snapshot();
      const connect = series.find(({ peer, route }) => peer === callee && route === "connect");
      // Both say why: ioredis to its own listeners, redis on its channel.
      return (connect?.classes.ECONNREFUSED ?? 0) >= 4;
    }, "connects of both fail");
    // Outside of any request they leave no span.
    assert.deepEqual(
      recorder.spans.filter(({ parentSpanId }) => parentSpanId === undefined),
      [],
    );
  });
});
