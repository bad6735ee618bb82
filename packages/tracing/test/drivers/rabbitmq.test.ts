import assert from "node:assert/strict";
import { test } from "node:test";
import { promisify } from "node:util";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { connect } from "amqplib";
import {
  type Channel as CallbackChannel,
  type Connection,
  connect as connectByCallback,
} from "amqplib/callback_api";
import { PASSWORD, startRabbitmq } from "../../../../test/helpers/real-services.ts";
import { until } from "../../../../test/helpers/until.ts";
import { currentSpan, traceClient } from "../../src/index.ts";
import { only, recordOperations } from "../helpers/operations.ts";

test("traceClient() tells what amqplib sends and what its consumers get", { timeout: 240_000 }, async (t) => {
  const server = await startRabbitmq(t);
  if (server === undefined) return;
  const { port } = server;
  const { recorder, told } = recordOperations(t);
  const address = `amqp://app:${PASSWORD}@127.0.0.1:${port}`;
  const connection = traceClient(await connect(address));
  connection.on("error", () => {});
  // Not waited for: the server may be gone by then, and would never agree.
  t.after(() => void connection.close().catch(() => {}));
  const channel = await connection.createChannel();
  const confirming = await connection.createConfirmChannel();
  assert.equal(traceClient(channel), channel, "twice is once");
  const callee = `rabbitmq://127.0.0.1:${port}`;
  await channel.assertQueue("orders");
  await channel.assertQueue("full", { maxLength: 1, arguments: { "x-overflow": "reject-publish" } });

  await t.test("a message is one span and one callee, and its consumer goes on with the trace", async () => {
    const inside: (string | undefined)[] = [];
    const { consumerTag } = await channel.consume("orders", (message) => {
      inside.push(currentSpan()?.otel.spanContext().spanId, String(message?.properties.headers?.mine));
      if (message) channel.ack(message);
    });
    const all = await told(() =>
      channel.sendToQueue("orders", Buffer.from("1"), { headers: { mine: "kept" } }),
    );
    const sent = only(all);
    assert.equal(sent.name, "send orders");
    assert.equal(sent.kind, SpanKind.PRODUCER);
    assert.deepEqual(sent.attributes, {
      "messaging.system": "rabbitmq",
      "messaging.operation.type": "send",
      "messaging.operation.name": "send",
      "messaging.destination.name": "orders",
      "server.address": "127.0.0.1",
      "server.port": port,
    });
    assert.deepEqual(all.counts, [`${callee} send orders: 1`]);
    await until(() => recorder.spans.some(({ kind }) => kind === SpanKind.CONSUMER), "it was consumed");
    const processed = recorder.span({
      name: "process orders",
      kind: SpanKind.CONSUMER,
      parent: "send orders",
    });
    assert.deepEqual(inside, [processed.spanId, "kept"]);
    const served = recorder.traffic.counts(600).find(({ side }) => side === "server");
    assert.deepEqual(
      [served?.peer, served?.route, served?.count, served?.failures],
      ["web", "process orders", 1, 0],
    );
    await channel.cancel(consumerTag);
  });

  await t.test(
    "a confirmed message ends when the broker has it, and one that it refuses is its failure",
    async () => {
      const send = (): Promise<void> =>
        new Promise((resolve, reject) =>
          confirming.sendToQueue("full", Buffer.from("3"), {}, (error) =>
            error ? reject(error) : resolve(),
          ),
        );
      const first = await told(send);
      assert.equal(only(first).status, SpanStatusCode.UNSET);
      const second = await told(send);
      assert.equal(only(second).status, SpanStatusCode.ERROR);
      assert.equal(second.spans[0]?.attributes["error.type"], "nacked");
      assert.deepEqual(second.counts, [`${callee} send full: 2, 1 failed`]);
      assert.equal(confirming.sendToQueue("orders", Buffer.from("4")), true);
      await confirming.waitForConfirms();
    },
  );

  await t.test("the callback API is told as well", async () => {
    const byCallback = traceClient(await promisify<string, Connection>(connectByCallback)(address));
    const opened = await promisify((done: (error: unknown, channel: CallbackChannel) => void) =>
      byCallback.createChannel(done as never),
    )();
    const all = await told(() => opened.publish("amq.direct", "nowhere", Buffer.from("5")));
    assert.equal(only(all).name, "send amq.direct");
    await promisify(byCallback.close.bind(byCallback))();
  });

  await t.test("what cannot be sent throws as it did, and is an error of the span", async () => {
    const closed = await connection.createChannel();
    await closed.close();
    const all = await told(() =>
      assert.throws(() => closed.publish("", "orders", Buffer.from("6")), /closed/i),
    );
    assert.equal(only(all).status, SpanStatusCode.ERROR);
  });
});

test("traceClient() hands on what a consumer of amqplib throws, and tells it as this service's failure", async (t) => {
  const { recorder } = recordOperations(t);
  const consumers: ((message: object | null) => unknown)[] = [];
  const channel = traceClient({
    publish: () => true,
    consume: (_queue: string, consumer: (message: object | null) => unknown) => void consumers.push(consumer),
  });
  const error = new RangeError("no");
  const fails = (): never => {
    throw error;
  };
  channel.consume("orders", async () => fails());
  channel.consume("orders", fails);
  channel.consume("orders", (message) => message);
  const message = { properties: { headers: {} } };
  await assert.rejects(async () => consumers[0]?.(message), error);
  assert.throws(() => consumers[1]?.(message), error);
  assert.equal(
    consumers[2]?.(null),
    null,
    "a consumer that was cancelled is told so, and no message is handled",
  );
  const failed = recorder.spans.filter(({ attributes }) => attributes["error.type"] === "RangeError");
  assert.deepEqual(
    failed.map(({ name, status }) => [name, status]),
    [
      ["process orders", SpanStatusCode.ERROR],
      ["process orders", SpanStatusCode.ERROR],
    ],
  );
  const [served] = recorder.traffic.counts(600);
  assert.deepEqual([served?.peer, served?.failures, served?.count], ["unknown", 2, 2]);
});
