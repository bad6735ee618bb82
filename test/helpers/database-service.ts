// A service for the tests of verdicts: each request asks the database or broker at PORT that USES names once.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startTracing, traceClient } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import { connect } from "amqplib";
import { Redis } from "ioredis";
import pg from "pg";
import { PASSWORD } from "./real-services.ts";

startTracing({ service: "web" });
const host = "127.0.0.1";
const port = Number(process.env.PORT);

const postgres = async (more: pg.PoolConfig): Promise<() => Promise<unknown>> => {
  const login = { host, port, user: "app", password: PASSWORD, database: "postgres" };
  const pool = traceClient(new pg.Pool({ ...login, ...more }));
  pool.on("error", () => {});
  return () => pool.query("UPDATE orders SET count = count + 1 WHERE id = $1", [1]);
};

const CLIENTS: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  postgres: () => postgres({ lock_timeout: 200 }),
  // One that waits for ever.
  "patient postgres": () => postgres({}),
  async redis() {
    const client = traceClient(
      new Redis({ host, port, password: PASSWORD, maxRetriesPerRequest: 1, retryStrategy: () => 50 }),
    );
    client.on("error", () => {});
    await new Promise((resolve) => client.once("ready", resolve));
    return () => client.get("cart");
  },
  async rabbitmq() {
    const connection = traceClient(
      await connect({ hostname: host, port, username: "app", password: PASSWORD }),
    );
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue("orders", {
      arguments: { "x-max-length": 60, "x-overflow": "reject-publish" },
    });
    return () =>
      new Promise((resolve, reject) => {
        channel.sendToQueue("orders", Buffer.from("1"), {}, (error) =>
          error ? reject(error) : resolve(undefined),
        );
      });
  },
};

const ask = await CLIENTS[process.env.USES ?? ""]?.();
const server = createServer(
  withTracing(async (_request, response) => {
    try {
      await ask?.();
      response.end();
    } catch {
      response.writeHead(500).end();
    }
  }),
);
// Whoever is slow to use a connection again on a machine under load must not meet its end.
server.keepAliveTimeout = 72_000;
server.listen(0, host, () => process.send?.(`http://${host}:${(server.address() as AddressInfo).port}`));
process.on("disconnect", () => process.exit(0));
