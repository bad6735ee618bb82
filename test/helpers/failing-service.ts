import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createHealth } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { startTracing, withSpan } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import express from "express";
import Fastify from "fastify";

/**
 * A service in which all telemetry fails: nobody takes its spans, every probe is broken in a way of its own, the
 * log's destination throws, and the handlers log what cannot be logged. It tells its parent where it answers.
 */
const hostile = {
  get trap(): never {
    throw new Error("getter");
  },
  toJSON(): never {
    throw new Error("toJSON");
  },
};
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

startTracing({ service: "failing" });
const logger = createLogger({
  service: "failing",
  destination: {
    write() {
      throw new Error("the disk is full");
    },
  },
});
const health = createHealth({
  service: "failing",
  drainDelayMs: 0,
  probes: [
    { name: "rejects", check: () => Promise.reject(new Error("down")), intervalMs: 100, timeoutMs: 50 },
    {
      name: "throws",
      intervalMs: 100,
      timeoutMs: 50,
      check() {
        throw undefined;
      },
    },
    { name: "hangs", check: () => new Promise(() => {}), intervalMs: 100, timeoutMs: 50 },
  ],
});

async function work(): Promise<string> {
  logger.error("bad", hostile);
  logger.error("bad", revoked);
  logger.debug("bad", { deep: [hostile, revoked, Symbol("s"), 1n] });
  (logger.error as (...args: unknown[]) => void)(undefined, 7);
  return withSpan("work", async (span) => {
    span.setTag("trap", hostile as unknown as string);
    return "ok";
  });
}

const app = Fastify(fastifyOptions({ logger }));
await app.register(tracingPlugin);
await app.register(loggerPlugin, { logger });
await app.register(healthPlugin, { health });
app.get("/", work);

const other = express();
other.use(tracingMiddleware());
other.use(loggerMiddleware({ logger }));
other.use(healthRouter({ health }));
other.get("/", async (_, response) => void response.send(await work()));
const server = other.listen(0, "127.0.0.1");
// As Fastify has it: whoever is slow to use a connection again on a machine under load must not meet its end.
server.keepAliveTimeout = 72_000;
await once(server, "listening");

process.send?.({
  fastify: await app.listen({ host: "127.0.0.1", port: 0 }),
  express: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
});
