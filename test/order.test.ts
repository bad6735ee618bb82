import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import { createHealth } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { startTracing, type Tracing } from "@whodunit/tracing";
import { observeExpressError, tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import express from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { type Receiver, type Span, startReceiver } from "whodunit";
import { until } from "./helpers/until.ts";

/**
 * Whatever the order in which the three plugins are registered, a request that ends, throws or is aborted gives one
 * line, one server span and one count of traffic, and they belong together.
 */
type Line = Record<string, unknown>;
type Part = "tracing" | "logger" | "health";

const ORDERS: readonly (readonly Part[])[] = [
  ["tracing", "logger", "health"],
  ["tracing", "health", "logger"],
  ["logger", "tracing", "health"],
  ["logger", "health", "tracing"],
  ["health", "tracing", "logger"],
  ["health", "logger", "tracing"],
];

const lines: Line[] = [];
const logger = createLogger({
  service: "order",
  destination: { write: (line: string) => void lines.push(JSON.parse(line) as Line) },
});
const health = createHealth({ service: "order" });
let receiver: Receiver;
let tracing: Tracing;

before(async () => {
  receiver = await startReceiver({ port: 0 });
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  tracing = startTracing({ service: "order" });
});
after(async () => {
  await tracing.close();
  await receiver.close();
  health.close();
});

for (const order of ORDERS) {
  for (const [framework, serve] of [
    ["Fastify", serveFastify],
    ["Express", serveExpress],
  ] as const) {
    test(`${framework} with ${order.join(", ")}: a request is told once by each, and the same`, async (t) => {
      // A path of its own for each order: lines, spans and traffic of all tests end up in one place.
      const base = `/${framework.toLowerCase()}-${order.join("-")}`;
      const url = await serve(t, order, base);
      await (
        await fetch(`${url}${base}/ok`, {
          method: "POST",
          body: "{}",
          headers: { "content-type": "application/json" },
        })
      ).text();
      await (await fetch(`${url}${base}/throw`)).text();
      const aborted = request(`${url}${base}/hang`).on("error", () => {});
      aborted.end();
      await until(() => waiting.has(`${base}/hang`));
      aborted.destroy();

      for (const [path, method, msg, level, counts] of [
        ["/ok", "POST", "order-http-response", "debug", { count: 1, failures: 0, aborted: 0 }],
        ["/throw", "GET", "order-http-response", "error", { count: 1, failures: 1, aborted: 0 }],
        ["/hang", "GET", "order-http-abort", "debug", { count: 0, failures: 0, aborted: 1 }],
      ] as const) {
        const route = base + path;
        await until(() =>
          lines.some((line) => line.route === route && String(line.msg).startsWith("order-http-")),
        );
        const own = lines.filter((line) => line.route === route);
        assert.deepEqual(
          own.map((line) => [line.msg, line.level]),
          [[msg, level]],
        );
        await tracing.flush();
        const traceId = String(own[0]?.trace_id);
        const spans = (await receiver.trace(traceId)) ?? [];
        const servers = spans.filter((span: Span) => span.kind === "server");
        assert.deepEqual(
          servers.map(({ name }) => name),
          [`${method} ${route}`],
        );
        assert.equal(own[0]?.span_id, servers[0]?.spanId, "the line and the span are of one request");
        const series = tracing.traffic
          .snapshot()
          .series.filter((one) => one.side === "server" && one.windowS === 60);
        const counted = series.filter((one) => one.route === `${method} ${route}`);
        assert.deepEqual(
          counted.map(({ count, failures, aborted: gone }) => ({ count, failures, aborted: gone })),
          [counts],
        );
      }
      // The handler's own line has the request's id and trace, also behind a parsed body.
      const inside = lines.find((line) => line.msg === "order-inside" && line.path === `${base}/ok`);
      const response = lines.find((line) => line.route === `${base}/ok`);
      assert.deepEqual([inside?.RequestID, inside?.trace_id], [response?.RequestID, response?.trace_id]);
      assert.match(String(inside?.trace_id), /^[0-9a-f]{32}$/);
    });
  }
}

/** Paths whose handler has begun and does not answer. */
const waiting = new Set<string>();

async function serveFastify(t: TestContext, order: readonly Part[], base: string): Promise<string> {
  const app: FastifyInstance = Fastify();
  t.after(() => app.close());
  const register: Record<Part, () => unknown> = {
    tracing: () => app.register(tracingPlugin),
    logger: () => app.register(loggerPlugin, { logger }),
    health: () => app.register(healthPlugin, { health }),
  };
  for (const part of order) await register[part]();
  app.post(`${base}/ok`, async () => {
    logger.debug("inside", { path: `${base}/ok` });
    return "ok";
  });
  app.get(`${base}/throw`, () => Promise.reject(new Error("broken")));
  app.get(`${base}/hang`, () => {
    waiting.add(`${base}/hang`);
    return new Promise(() => {});
  });
  return app.listen({ host: "127.0.0.1", port: 0 });
}

async function serveExpress(t: TestContext, order: readonly Part[], base: string): Promise<string> {
  const app = express();
  const register: Record<Part, () => unknown> = {
    tracing: () => app.use(tracingMiddleware()),
    logger: () => app.use(loggerMiddleware({ logger })),
    health: () => app.use(healthRouter({ health })),
  };
  for (const part of order) register[part]();
  app.use(express.json());
  app.post(`${base}/ok`, (_, response) => {
    logger.debug("inside", { path: `${base}/ok` });
    response.send("ok");
  });
  app.get(`${base}/throw`, () => Promise.reject(new Error("broken")));
  app.get(`${base}/hang`, () => void waiting.add(`${base}/hang`));
  app.use(observeExpressError);
  app.use((_error: unknown, _: express.Request, response: express.Response, __: express.NextFunction) => {
    response.status(500).send("sorry");
  });
  const server = app.listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
