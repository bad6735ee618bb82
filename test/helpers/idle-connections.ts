/**
 * A service in a process of its own, first argument `with` or `without` Whodunit, second the framework. 100 clients in the
 * same process each send it 100 KB of JSON and stay connected; it prints how many bytes of heap each of them keeps.
 */
import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createLogger, withContext } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { withLogger } from "@whodunit/logger/node";
import { withSpan } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { withTracing } from "@whodunit/tracing/node";
import { recordTracing } from "@whodunit/tracing/testing";
import express from "express";
import Fastify from "fastify";

const CONNECTIONS = 100;
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

async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** All of a request's body, by an event of its own. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(request, "end");
  return JSON.parse(Buffer.concat(chunks).toString());
}

const bare: RequestListener = async (request, response) => {
  const parsed = await readBody(request);
  Object.assign(request, { body: parsed });
  await withSpan("work", async () => work());
  await callOn();
  response.end("ok");
};

// The connection of a call stays open as well, and was opened in the request.
const callees = new Map<number, Agent>();
async function callOn(): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  callees.set(callees.size, agent);
  const call = request({ port: calleePort, host: "127.0.0.1", agent, method: "POST" }).end(
    Buffer.alloc(100_000),
  );
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  await once(answer.resume(), "end");
}
let calleePort = 0;

async function start(): Promise<Server> {
  if (framework === "node:http, with a call") {
    const callee = await listening((incoming, response) =>
      incoming.on("end", () => response.end("ok")).resume(),
    );
    callee.keepAliveTimeout = 600_000;
    calleePort = (callee.address() as AddressInfo).port;
    return listening(mode === "with" ? withTracing(withLogger(bare, { logger })) : bare);
  }
  if (framework === "express") {
    const app = express();
    if (mode === "with") app.use(tracingMiddleware(), loggerMiddleware({ logger }));
    app.use(express.json({ limit: "1mb" }));
    app.post("/", async (_, response) => {
      await withSpan("work", async () => work());
      response.send("ok");
    });
    return listening(app);
  }
  const app = Fastify({ keepAliveTimeout: 600_000 });
  if (mode === "with") {
    await app.register(tracingPlugin);
    await app.register(loggerPlugin, { logger });
  }
  app.post("/", async (incoming) => {
    await withSpan("work", async () => work());
    // Who fails has more to keep: the error, and what it closes over.
    if (framework === "fastify, failing") throw Object.assign(new Error("no"), { body: incoming.body });
    return "ok";
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
}

const server = await start();
server.keepAliveTimeout = 600_000;
const { port } = server.address() as AddressInfo;
const agents: Agent[] = [];
const bodyOf = (length: number): Buffer =>
  Buffer.from(JSON.stringify({ note: Array.from({ length }, (_, i) => `n${i}`) }));
const LARGE = bodyOf(12_500);
const SMALL = bodyOf(1);

const post = (body = LARGE, agent = new Agent({ keepAlive: true })): Promise<void> =>
  new Promise((resolve, reject) => {
    agents.push(agent);
    const headers = { "content-type": "application/json", "content-length": body.length };
    request({ port, host: "127.0.0.1", method: "POST", agent, headers }, (response) => {
      response.on("end", resolve).resume();
    })
      .on("error", reject)
      .end(body);
  });

// Whatever runs, V8's compiler too, may hold the last request a while longer: small ones take its place, and what is held
// for a moment is waited for.
const last = new Agent({ keepAlive: true });
const used = async (): Promise<number> => {
  for (let i = 0; i < 5; i++) await post(SMALL, last);
  tracing.clear();
  let least = Number.POSITIVE_INFINITY;
  for (let same = 0; same < 5; same++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    const now = process.memoryUsage().heapUsed;
    if (now < least - 1_024) same = 0;
    least = Math.min(least, now);
  }
  return least;
};

for (let i = 0; i < 20; i++) await post();
const before = await used();
for (let i = 0; i < CONNECTIONS; i++) await post();
const after = await used();
process.stdout.write(String(Math.round((after - before) / CONNECTIONS)), () => process.exit());
