import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { Long, MongoClient } from "mongodb";
import mongoose from "mongoose";
import { traceClient } from "../../src/index.ts";
import { only, recordOperations } from "../helpers/operations.ts";
import { startScriptedMongodb } from "../helpers/scripted-mongodb.ts";

const start = (t: TestContext): Promise<number> =>
  startScriptedMongodb(t, {
    find: ({ filter }) =>
      (filter as { slow?: true }).slow
        ? { ok: 0, code: 50, codeName: "MaxTimeMSExpired", errmsg: "operation exceeded time limit" }
        : { ok: 1, cursor: { id: Long.fromNumber(7), ns: "shop.orders", firstBatch: [{ _id: 1 }] } },
    getMore: () => ({ ok: 1, cursor: { id: Long.ZERO, ns: "shop.orders", nextBatch: [{ _id: 2 }] } }),
    aggregate: () => ({ ok: 1, cursor: { id: Long.ZERO, ns: "shop.orders", firstBatch: [] } }),
    insert: ({ comment }) =>
      comment === "again"
        ? {
            ok: 1,
            n: 0,
            writeErrors: [{ index: 0, code: 11_000, errmsg: 'dup key: { email: "hunter2-canary" }' }],
          }
        : { ok: 1, n: 1 },
  });

test("traceClient() tells the commands of mongodb, by its driver against a scripted server", async (t) => {
  const port = await start(t);
  const { told } = recordOperations(t);
  const client = traceClient(new MongoClient(`mongodb://127.0.0.1:${port}`));
  assert.equal(traceClient(client), client, "twice is once");
  t.after(() => client.close());
  const orders = client.db("shop").collection("orders");
  await client.connect();
  const callee = `mongodb://127.0.0.1:${port}/shop`;

  await t.test("a write is one span and one callee, and shows no value", async () => {
    const all = await told(() => orders.insertOne({ email: "hunter2-canary" }));
    const span = only(all);
    assert.equal(span.name, "insert orders");
    assert.deepEqual(span.attributes, {
      "db.system.name": "mongodb",
      "db.namespace": "shop",
      "db.operation.name": "insert",
      "db.collection.name": "orders",
      "db.query.text": '{"insert":"?","documents":[{"email":"?","_id":"?"}],"ordered":"?"}',
      "server.address": "127.0.0.1",
      "server.port": port,
    });
    assert.deepEqual(all.counts, [`${callee} insert orders: 1`]);
  });

  await t.test(
    "a cursor is one operation for each time that it asks, children of the span it is read in",
    async () => {
      const all = await told(() => orders.find({ email: "hunter2-canary" }).toArray());
      assert.deepEqual(
        all.spans.map(({ name, parentSpanId }) => [name, parentSpanId === all.request.spanId]),
        [
          ["find orders", true],
          ["getMore orders", true],
        ],
      );
      assert.doesNotMatch(JSON.stringify(all.spans), /hunter2/);
    },
  );

  await t.test("a write that is refused is an error of the span, and no failure of the callee", async () => {
    const all = await told(() => orders.insertOne({ email: "hunter2-canary" }, { comment: "again" }));
    const span = only(all);
    assert.equal(span.status, SpanStatusCode.ERROR);
    assert.equal(span.attributes["error.type"], "11000");
    assert.equal(span.attributes["db.response.status_code"], "11000");
    assert.deepEqual(all.counts, [`${callee} insert orders: 2`]);
    assert.doesNotMatch(JSON.stringify(all.spans), /hunter2/);
  });

  await t.test("a command that fails is the callee's failure", async () => {
    const all = await told(() => orders.findOne({ slow: true }));
    assert.equal(only(all).attributes["error.type"], "50");
    assert.deepEqual(all.counts, [`${callee} find orders: 2, 1 failed`]);
  });

  await t.test("a client that is connected without telling its commands is refused", async () => {
    const late = new MongoClient(`mongodb://127.0.0.1:${port}`);
    t.after(() => late.close());
    await late.connect();
    assert.throws(() => traceClient(late), /traceClient: option "client".*before its connect\(\)/);
  });
});

test("mongoose tells its operations, and traceClient() on the client below tells none again", async (t) => {
  const port = await start(t);
  const { told } = recordOperations(t);
  const connection = mongoose.createConnection(`mongodb://127.0.0.1:${port}/shop`, {
    autoIndex: false,
    autoCreate: false,
    monitorCommands: true,
  });
  t.after(() => connection.close());
  traceClient(connection.getClient());
  const Order = connection.model("Order", new mongoose.Schema({ email: { type: String, required: true } }));
  await connection.asPromise();
  const callee = `mongodb://127.0.0.1:${port}/shop`;

  for (const [name, work] of Object.entries<() => unknown>({
    "save orders": () => new Order({ email: "hunter2-canary" }).save(),
    "findOne orders": () => Order.findOne({ email: "hunter2-canary" }),
    "aggregate orders": () => Order.aggregate([{ $match: { email: "hunter2-canary" } }]),
    "insertMany orders": () => Order.insertMany([{ email: "hunter2-canary" }]),
  })) {
    await t.test(`${name} is one span and one callee`, async () => {
      const all = await told(work);
      assert.equal(only(all).name, name);
      assert.equal(all.counts.length, 1);
      assert.ok(all.counts[0]?.startsWith(`${callee} ${name}: `), all.counts[0]);
      assert.doesNotMatch(JSON.stringify(all), /hunter2/);
    });
  }

  await t.test("a cursor is one operation a step", async () => {
    const all = await told(async () => {
      for await (const order of Order.find().cursor()) assert.ok(order);
    });
    assert.deepEqual([...new Set(all.spans.map(({ name }) => name))], ["find orders"]);
  });

  await t.test(
    "what mongoose itself refuses is an error of the span, and no failure of the callee",
    async () => {
      const all = await told(() => new Order({}).save());
      assert.equal(only(all).status, SpanStatusCode.ERROR);
      assert.deepEqual(all.counts, [`${callee} save orders: 2`]);
    },
  );
});
