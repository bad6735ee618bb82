import assert from "node:assert/strict";
import type { EventEmitter } from "node:events";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { type ChannelModel, connect } from "amqplib";
import {
  type Channel as CallbackChannel,
  type Connection as CallbackConnection,
  connect as connectByCallback,
} from "amqplib/callback_api";
import { PASSWORD, startRabbitmq } from "../../../../../test/helpers/real-services.ts";
import { until } from "../../../../../test/helpers/until.ts";
import { type RabbitmqProbeOptions, rabbitmqProbe } from "../../../src/index.ts";
import { proveDependency } from "../../helpers/dependency.ts";

proveDependency({
  name: "rabbitmqProbe() with a connection of amqplib",
  login: true,
  start: startRabbitmq,
  open(port, password) {
    let connection: ChannelModel | undefined;
    let open = true;
    // amqplib's connections do not heal: an application opens the next one itself.
    const keepConnected = async (): Promise<void> => {
      while (open) {
        try {
          const made = await connect({ hostname: "127.0.0.1", port, username: "app", password });
          made.on("error", () => {});
          const closed = new Promise((resolve) => made.on("close", resolve));
          connection = made;
          await closed;
        } catch {
          // Refused, or not there yet.
        }
        connection = undefined;
        await setTimeout(100);
      }
    };
    void keepConnected();
    return {
      probe: rabbitmqProbe({ name: "rabbitmq", client: () => connection }),
      close() {
        open = false;
        // Not waited for: the server may be gone, and would never agree.
        void connection?.close().catch(() => {});
      },
    };
  },
});

test("H5: rabbitmqProbe() takes a connection or a channel of amqplib, of promises or callbacks, and leaves it as it was", {
  timeout: 240_000,
}, async (t) => {
  const server = await startRabbitmq(t);
  if (server === undefined) return;
  const address = `amqp://app:${PASSWORD}@127.0.0.1:${server.port}`;
  const connection = await connect(address);
  const byCallback = await promisify<string, CallbackConnection>(connectByCallback)(address);
  for (const each of [connection, byCallback]) each.on("error", () => {});
  const channel = await connection.createChannel();
  const confirming = await connection.createConfirmChannel();
  const channelByCallback = await promisify((done: (error: unknown, channel: CallbackChannel) => void) =>
    byCallback.createChannel(done),
  )();
  for (const each of [channel, confirming, channelByCallback] as readonly EventEmitter[]) {
    each.on("error", () => {});
    each.on("close", () => closed++);
  }
  let closed = 0;
  // A consumer of the application's, which must go on getting its messages.
  const received: string[] = [];
  await channel.assertQueue("work", { exclusive: true });
  await channel.consume("work", (message) => void received.push(String(message?.content)), { noAck: true });

  const clients: Readonly<Record<string, RabbitmqProbeOptions["client"]>> = {
    "a connection": connection,
    "a connection of the callback API": byCallback,
    "a channel": channel,
    "a confirming channel": confirming,
    "a channel of the callback API": channelByCallback,
    "a function that returns a connection": () => connection,
    "a function that returns a channel": () => channel,
  };
  const signal = new AbortController().signal;
  const probes = Object.entries(clients).map(([name, client]) => rabbitmqProbe({ name, client }));
  for (const probe of probes) {
    for (let run = 0; run < 20; run++) await probe.check(signal);
  }
  channel.sendToQueue("work", Buffer.from("still here"));
  await until(() => received.length === 1, "the message has come");
  assert.deepEqual([received, closed], [["still here"], 0]);

  // Not once(): it would reject with the error that comes before.
  const gone = [connection, byCallback].map(
    (each) => new Promise<void>((resolve) => (each as EventEmitter).on("close", () => resolve())),
  );
  await server.kill();
  await Promise.all(gone);
  for (const probe of probes) {
    await assert.rejects(async () => probe.check(signal), { message: /clos|ended/i }, probe.name);
  }
  await assert.rejects(
    async () => rabbitmqProbe({ name: "none yet", client: () => undefined }).check(signal),
    { message: "there is no connection" },
  );
});

test("H5: rabbitmqProbe() throws at construction on what has no round trip to offer", () => {
  const wrong: readonly unknown[] = [
    undefined,
    null,
    "amqp://localhost",
    {},
    { createChannel: true },
    // amqp-connection-manager: a connection and a channel that are there before they are connected.
    { createChannel() {}, isConnected: () => false, connection: undefined },
    { cancel() {}, consume() {}, waitForConnect() {}, connection: undefined },
  ];
  for (const client of wrong) {
    assert.throws(() => rabbitmqProbe({ name: "a", client } as never), {
      name: "TypeError",
      message: /rabbitmqProbe: option "client" is .*, want a connection of amqplib, a channel of it/,
    });
  }
});
