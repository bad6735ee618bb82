import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { createDebugToken, SUPPRESS_TRACING } from "@whodunit/core";
import type { Logger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { withLogger } from "@whodunit/logger/node";
import { captureLogs } from "@whodunit/logger/testing";
import { startTracing } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { withTracing } from "@whodunit/tracing/node";
import express from "express";
import Fastify from "fastify";
import { startReceiver } from "whodunit";

const SECRET = "a secret of enough length";
const TOKEN = createDebugToken(SECRET);
const SUPPRESSED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

function ask(port: number, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    context.with(SUPPRESSED, () =>
      request({ port, agent: false, headers }, (response) => response.resume().on("end", resolve))
        .on("error", reject)
        .end(),
    );
  });
}

interface Setting {
  readonly logger: Logger;
  readonly handle: () => string;
}

/** Orders and frameworks in which both plugins may stand. */
const SERVICES: Readonly<Record<string, (setting: Setting) => Promise<RequestListener>>> = {
  "the logger's plugin outside": async ({ logger, handle }) =>
    withLogger(
      withTracing((_request, response) => void response.end(handle())),
      { logger },
    ),
  "tracing's plugin outside": async ({ logger, handle }) =>
    withTracing(withLogger((_request, response) => void response.end(handle()), { logger })),
  "both plugins on Express": async ({ logger, handle }) => {
    const app = express();
    app.use(loggerMiddleware({ logger }), tracingMiddleware());
    return app.get("/", (_request, response) => void response.send(handle()));
  },
  "both plugins on Fastify": async ({ logger, handle }) => {
    const app = Fastify();
    await app.register(loggerPlugin, { logger });
    await app.register(tracingPlugin);
    app.get("/", async () => handle());
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
};

/** How tokens come. */
const CARRIERS: Readonly<Record<string, () => Record<string, string>>> = {
  "a token in the header": () => ({ "whodunit-debug": TOKEN }),
  "a token in the baggage": () => ({ baggage: `whodunit.debug=${TOKEN}` }),
  "a token in both": () => ({ "whodunit-debug": TOKEN, baggage: `tenant=a,whodunit.debug=${TOKEN}` }),
  "a token of its own each": () => ({ "whodunit-debug": createDebugToken(SECRET) }),
};

for (const [order, service] of Object.entries(SERVICES)) {
  for (const [carrier, headersOf] of Object.entries(CARRIERS)) {
    // Every order with a header, and every way that tokens come in one of the orders.
    if (order !== "tracing's plugin outside" && carrier !== "a token in the header") continue;
    test(`L6: with ${order} and ${carrier}, log and spans debug the same ten of 300 requests in a second`, async (t) => {
      process.env.WHODUNIT_DEBUG_SECRET = SECRET;
      t.after(() => delete process.env.WHODUNIT_DEBUG_SECRET);
      const capture = captureLogs({ service: "limit", level: "error", recorder: false });
      const { logger } = capture;
      // Another logger of the process has no ten of its own.
      const beside = captureLogs({ service: "beside", level: "error", recorder: false });
      const receiver = await startReceiver({ port: 0 });
      t.after(() => receiver.close());
      process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
      const tracing = startTracing({ service: "limit", sampleRatio: 0 });
      t.after(() => tracing.close());
      // One second for all of it, which none of the other tests has.
      const nowMs = performance.now() + 1e6 * ++second;
      const mocked = t.mock.method(performance, "now", () => nowMs);
      const handle = (): string => {
        logger.debug("step");
        beside.logger.debug("step");
        return "ok";
      };
      const server = createServer(await service({ logger, handle })).listen(0, "127.0.0.1");
      t.after(() => server.close());
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const traceId = "a".repeat(32);
      const unsampled = { traceparent: `00-${traceId}-${"b".repeat(16)}-00` };
      for (let count = 0; count < 300; count++) await ask(port, { ...headersOf(), ...unsampled });
      mocked.mock.restore();
      await tracing.flush();
      const spans = (await receiver.trace(traceId)) ?? [];
      assert.equal(spans.length, 10);
      const steps = capture.lines.filter(({ msg }) => msg === "limit-step");
      assert.equal(steps.length, 10);
      assert.deepEqual(
        steps.map((line) => line.span_id).toSorted(),
        spans.map((span) => span.spanId).toSorted(),
      );
      assert.equal(beside.lines.filter(({ msg }) => msg === "beside-step").length, 10);
    });
  }
}
let second = 0;
