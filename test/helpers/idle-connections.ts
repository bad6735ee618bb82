/**
 * A service in a process of its own, first argument `with` or `without` Whodunit, second the framework. 200 clients in the
 * same process each send it 100 KB of JSON and stay connected; it prints how many bytes of heap each of them keeps.
 */
import { once } from "node:events";
import { Agent, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createLogger, withContext } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { withSpan } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { recordTracing } from "@whodunit/tracing/testing";
import express from "express";
import Fastify from "fastify";

const CONNECTIONS = 200;
const [mode, framework] = process.argv.slice(2);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const logger = createLogger({ service: "web", destination: { write: () => {} } });
const tracing = recordTracing({ service: "web" });

// A timer outlives its request, too, and so does what it was started in.
const timers: NodeJS.Timeout[] = [];
const work = (): void => {
  logger.debug("work");
  withContext({ step: "late" }, () => {
    timers.push(setTimeout(() => {}, 3_600_000).unref());
  });
};

async function start(): Promise<Server> {
  if (framework === "express") {
    const app = express();
    if (mode === "with") app.use(tracingMiddleware(), loggerMiddleware({ logger }));
    app.use(express.json({ limit: "1mb" }));
    app.post("/", async (_, response) => {
      await withSpan("work", async () => work());
      response.send("ok");
    });
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  }
  const app = Fastify({ keepAliveTimeout: 600_000 });
  if (mode === "with") {
    await app.register(tracingPlugin);
    await app.register(loggerPlugin, { logger });
  }
  app.post("/", async () => {
    await withSpan("work", async () => work());
    return "ok";
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
}

const server = await start();
server.keepAliveTimeout = 600_000;
const { port } = server.address() as AddressInfo;
const agents: Agent[] = [];
const body = Buffer.from(JSON.stringify({ note: Array.from({ length: 12_500 }, (_, i) => `n${i}`) }));

const post = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: true });
    agents.push(agent);
    const headers = { "content-type": "application/json", "content-length": body.length };
    request({ port, host: "127.0.0.1", method: "POST", agent, headers }, (response) => {
      response.on("end", resolve).resume();
    })
      .on("error", reject)
      .end(body);
  });

const used = async (): Promise<number> => {
  tracing.clear();
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
};

for (let i = 0; i < 20; i++) await post();
const before = await used();
for (let i = 0; i < CONNECTIONS; i++) await post();
const after = await used();
process.stdout.write(String(Math.round((after - before) / CONNECTIONS)), () => process.exit());
