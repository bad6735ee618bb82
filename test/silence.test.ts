import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import { createHealth } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { healthPlugin } from "@whodunit/health/fastify";
import { withHealth } from "@whodunit/health/node";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { withLogger } from "@whodunit/logger/node";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { withTracing } from "@whodunit/tracing/node";
import { recordTracing, type TracingRecorder } from "@whodunit/tracing/testing";
import express from "express";
import Fastify from "fastify";
import { until } from "./helpers/until.ts";

/** Whodunit is silent about what it answers itself, and about nothing that only looks like it. */

type Line = Readonly<Record<string, unknown>>;

let lines: Line[] = [];
const logger = createLogger({
  service: "web",
  level: "debug",
  throttle: false,
  destination: { write: (line: string) => void lines.push(JSON.parse(line) as Line) },
});
let tracing: TracingRecorder;
before(() => {
  tracing = recordTracing({ service: "web" });
});
after(() => tracing.close());

const authorize = (): boolean => true;
const health = createHealth({ service: "web" });
after(() => health.close());

/** Services that answer whatever Whodunit does not, with a line of their own. */
const SERVICES: Readonly<Record<string, (isWhole: boolean) => RequestListener | Promise<RequestListener>>> = {
  "node:http": (isWhole) => {
    const own: RequestListener = (_request, response) => {
      logger.debug("inside");
      response.end("own");
    };
    const off = isWhole ? { authorize } : {};
    return withTracing(withLogger(isWhole ? withHealth(own, { health }) : own, { logger, ...off }), off);
  },
  Express: (isWhole) => {
    const app = express();
    const off = isWhole ? { authorize } : {};
    app.use(tracingMiddleware(off), loggerMiddleware({ logger, ...off }));
    if (isWhole) app.use(healthRouter({ health }));
    return app.use((_request, response) => {
      logger.debug("inside");
      response.send("own");
    });
  },
  Fastify: async (isWhole) => {
    const app = Fastify();
    const off = isWhole ? { authorize } : {};
    await app.register(tracingPlugin, off);
    await app.register(loggerPlugin, { logger, ...off });
    if (isWhole) await app.register(healthPlugin, { health });
    app.setNotFoundHandler((_request, reply) => {
      logger.debug("inside");
      void reply.code(200).send("own");
    });
    await app.ready();
    return (incoming, response) => app.routing(incoming, response);
  },
};

async function listen(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function ask(port: number, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", method, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve(body));
    })
      .on("error", reject)
      .end();
  });
}

/** A request that the application answers: one span, one line, and its handler's line has the request's ids. */
async function isToldOf(port: number, method: string, path: string): Promise<void> {
  lines = [];
  tracing.clear();
  const asked = `${method} ${path}`;
  assert.equal(await ask(port, method, path), method === "HEAD" ? "" : "own", asked);
  await until(() => lines.length >= 2 && tracing.spans.some(({ kind }) => kind === 1), asked);
  const [inside, end] = lines;
  const [span] = tracing.spans.filter(({ kind }) => kind === 1);
  assert.deepEqual([lines.length, inside?.msg, end?.msg], [2, "web-inside", "web-http-response"], asked);
  assert.match(String(inside?.RequestID), /^[\w-]{5,36}$/, asked);
  assert.equal(inside?.RequestID, end?.RequestID, asked);
  assert.equal(inside?.trace_id, span?.traceId, asked);
}

const POLLED = ["/debug/level", "/debug/traffic", "/health/live", "/health/ready", "/health/status"] as const;

const ALIKE: readonly (readonly [method: string, path: string])[] = [
  ["POST", "/debug/traffic"],
  ["DELETE", "/debug/traffic"],
  ["OPTIONS", "/debug/traffic"],
  ["GET", "/debug/level/x"],
  ["GET", "/debug/traffic/x"],
  ["GET", "/debug"],
  ["GET", "/debug/login"],
  ["GET", "/health"],
  ["GET", "/health/"],
  ["GET", "/health/live/x"],
  ["GET", "//health/live"],
  ["GET", "/HEALTH/live"],
  ["GET", "/health/patients/7"],
  ["GET", "/x/health/live"],
];

for (const [framework, service] of Object.entries(SERVICES)) {
  test(`H4: on ${framework} a request that only looks like one of Whodunit's is told of as any other, however often those are asked`, async (t) => {
    const port = await listen(t, await service(true));
    for (let time = 0; time < 3; time++) for (const path of POLLED) await ask(port, "GET", path);
    for (const [method, path] of ALIKE) await isToldOf(port, method, path);
  });

  test(`H4: on ${framework} another server's routes make none of the application's own quiet, by any method`, async (t) => {
    process.env.NODE_ENV = "production";
    t.after(() => {
      process.env.NODE_ENV = "test";
    });
    const polled = await listen(t, await service(true));
    for (const path of POLLED) for (const method of ["GET", "HEAD"]) await ask(polled, method, path);
    // Without a token nothing of /debug is there in production, and the application may have it.
    const port = await listen(t, await service(false));
    for (const path of POLLED)
      for (const method of ["GET", "HEAD", "PUT"]) await isToldOf(port, method, path);
  });

  test(`H4: on ${framework} what Whodunit answers leaves no line and no span, from the first time on`, async (t) => {
    const port = await listen(t, await service(true));
    for (let time = 0; time < 2; time++) {
      for (const path of POLLED) {
        lines = [];
        tracing.clear();
        await ask(port, "GET", path);
        await ask(port, "HEAD", path);
        await isToldOf(port, "GET", "/own");
        assert.equal(tracing.spans.filter(({ kind }) => kind === 1).length, 1, path);
      }
    }
  });
}
