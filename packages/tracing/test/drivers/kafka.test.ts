import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { Kafka, logLevel } from "kafkajs";
import { traceClient, withSpan } from "../../src/index.ts";
import { only, recordOperations } from "../helpers/operations.ts";

type Headers = Record<string, Buffer | string>;
type Sent = { topic: string; messages: { value: string; headers?: Headers }[] };
type Handlers = {
  eachMessage?(payload: { topic: string; message: { headers: Headers } }): Promise<void>;
  eachBatch?(payload: { batch: { topic: string; messages: { headers: Headers }[] } }): Promise<void>;
};

/** Clients of kafkajs' shape that keep what they are given: Kafka itself is in no package of Debian's. */
function scriptedKafka() {
  const sent: Sent[] = [];
  let handlers: Handlers = {};
  const listeners: ((event: { payload: { broker: string } }) => void)[] = [];
  const network = {
    events: { REQUEST: "network.request" },
    on(_event: string, listener: (typeof listeners)[number]) {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  const sender = () => ({
    async send(record: Sent) {
      if (record.topic === "gone") {
        const cause = Object.assign(new Error("no broker"), { code: "ECONNREFUSED" });
        throw new Error("retries exceeded", { cause });
      }
      sent.push(record);
    },
    async sendBatch({ topicMessages }: { topicMessages: Sent[] }) {
      sent.push(...topicMessages);
    },
  });
  return {
    sent,
    listeners,
    answer: () => listeners.forEach((listener) => void listener({ payload: { broker: "127.0.0.1:9092" } })),
    handlers: () => handlers,
    producer: () => ({ ...network, ...sender(), transaction: async () => sender() }),
    consumer: () => ({
      ...network,
      async subscribe() {},
      async run(given: Handlers) {
        handlers = given;
      },
    }),
  };
}

const asBuffers = (headers: Headers = {}): Headers =>
  Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, Buffer.from(String(value))]));

test("traceClient() tells what kafkajs sends and handles, by clients of its shape", async (t) => {
  const { recorder, told } = recordOperations(t);
  const kafka = traceClient(scriptedKafka());
  const producer = kafka.producer();
  kafka.answer();
  assert.deepEqual(kafka.listeners, [], "the address is known: nothing is listened to any more");
  const callee = "kafka://127.0.0.1:9092";

  await t.test(
    "a send is one span and one callee, and leaves the caller's messages as they were",
    async () => {
      const messages = [{ value: "hunter2-canary" }, { value: "2", headers: { mine: "kept" } }];
      const all = await told(() => producer.send({ topic: "orders", messages }));
      const span = only(all);
      assert.equal(span.name, "send orders");
      assert.equal(span.kind, SpanKind.PRODUCER);
      assert.equal(span.attributes["messaging.batch.message_count"], 2);
      assert.deepEqual(all.counts, [`${callee} send orders: 1`]);
      assert.equal(messages[0] && "headers" in messages[0], false);
      const own = kafka.sent.at(-1)?.messages[1]?.headers ?? {};
      assert.equal(own.mine, "kept");
      assert.ok(String(own.traceparent).includes(span.spanId));
      assert.doesNotMatch(JSON.stringify(all), /hunter2/);
    },
  );

  await t.test("batches and transactions are told as well", async () => {
    const batch = {
      topicMessages: [
        { topic: "a", messages: [] },
        { topic: "b", messages: [] },
      ],
    };
    assert.equal(only(await told(() => producer.sendBatch(batch))).name, "send several topics");
    const transaction = await producer.transaction();
    assert.equal(
      only(await told(() => transaction.send({ topic: "orders", messages: [] }))).name,
      "send orders",
    );
  });

  await t.test("what fails is the callee's failure, by its cause", async () => {
    const all = await told(() => producer.send({ topic: "gone", messages: [] }));
    assert.equal(only(all).status, SpanStatusCode.ERROR);
    assert.equal(all.spans[0]?.attributes["error.type"], "ECONNREFUSED");
    assert.deepEqual(all.counts, [`${callee} send gone: 1, 1 failed`]);
  });

  await t.test("a message is handled in the trace that sent it, a batch has links to each", async () => {
    const consumer = kafka.consumer();
    let inner = "";
    await consumer.run({
      eachMessage: async () => {
        inner = withSpan("inner", (span) => span.otel.spanContext().traceId);
      },
      eachBatch: async () => {
        throw new RangeError("no");
      },
    });
    recorder.clear();
    await withSpan("request", () => producer.send({ topic: "orders", messages: [{ value: "1" }] }));
    const headers = asBuffers(kafka.sent.at(-1)?.messages[0]?.headers);
    await kafka.handlers().eachMessage?.({ topic: "orders", message: { headers } });
    const processed = recorder.span({
      name: "process orders",
      kind: SpanKind.CONSUMER,
      parent: "send orders",
    });
    assert.equal(inner, processed.traceId);
    recorder.clear();
    const messages = [{ headers }, { headers }];
    await assert.rejects(
      kafka.handlers().eachBatch?.({ batch: { topic: "orders", messages } }) as Promise<void>,
      RangeError,
    );
    const batch = recorder.span({ name: "process orders", status: SpanStatusCode.ERROR });
    assert.equal(batch.parentSpanId, undefined);
    assert.deepEqual(
      batch.links.map(({ traceId }) => traceId),
      [processed.traceId, processed.traceId],
    );
    const [served] = recorder.traffic.counts(600).filter(({ side }) => side === "server");
    assert.deepEqual(
      [served?.peer, served?.route, served?.count, served?.failures],
      ["web", "process orders", 2, 1],
    );
  });
});

test("traceClient() takes kafkajs' own clients, and their failures are told", async (t) => {
  const { told } = recordOperations(t);
  const kafka = traceClient(
    new Kafka({
      brokers: ["127.0.0.1:1"],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0, initialRetryTime: 10 },
    }),
  );
  const producer = kafka.producer();
  traceClient(kafka.consumer({ groupId: "web" }));
  const all = await told(() => producer.send({ topic: "orders", messages: [{ value: "1" }] }));
  assert.equal(only(all).status, SpanStatusCode.ERROR);
  assert.deepEqual(all.counts, ["kafka send orders: 1, 1 failed"]);
  await producer.disconnect();
});
