import { Agent, get } from "node:http";
import type { AddressInfo } from "node:net";
import { createHealth, trafficProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { startTracing } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify, { type FastifyServerOptions } from "fastify";
import type { SoakReport } from "./report.ts";

// A service that calls another for each request. TELEMETRY=none: the framework alone. It answers each message with a
// report, after a full collection: it wants --expose-gc.
const { TELEMETRY, CALLEE = "" } = process.env;
const agent = new Agent({ keepAlive: true });
const handled = { requests: 0, calls: 0 };
const without = TELEMETRY === "none";

const tracing = without ? undefined : await startTracing({ service: "soak" });
const logger = without ? undefined : createLogger({ service: "soak" });
const app = Fastify(logger === undefined ? {} : (fastifyOptions({ logger }) as FastifyServerOptions));
if (logger !== undefined && tracing !== undefined) {
  await app.register(tracingPlugin);
  await app.register(loggerPlugin, { logger });
  await app.register(healthPlugin, {
    health: createHealth({ service: "soak", probes: [trafficProbe(tracing.traffic)] }),
  });
}

app.get<{ Params: { id: string } }>("/v1/accounts/:id/invoices", async (request) => {
  handled.requests++;
  logger?.debug("invoices-asked", { AccountID: request.params.id, user: { email: "ada@example.org" } });
  handled.calls++;
  const status = await call();
  if (status >= 500) throw new Error(`the callee answered ${status}`);
  return { account: request.params.id };
});

function call(): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(CALLEE, { agent }, (response) => {
      response.on("error", reject);
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    request.on("error", reject);
  });
}

const listeners = (): number =>
  process.eventNames().reduce((sum, name) => sum + process.listenerCount(name as "exit"), 0);

async function report(): Promise<SoakReport> {
  await tracing?.flush();
  await logger?.flush();
  global.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const spans = tracing?.spans();
  return {
    ...handled,
    heapBytes: heapUsed,
    residentBytes: rss,
    resources: process.getActiveResourcesInfo().toSorted(),
    listeners: listeners(),
    lines: logger?.counts(),
    spans: spans && { ...spans, dropped: Object.values(spans.dropped).reduce((sum, one) => sum + one, 0) },
  };
}

await app.listen({ port: 0, host: "127.0.0.1" });
process.on("message", () => void report().then((told) => process.send?.(told)));
process.send?.({ port: (app.server.address() as AddressInfo).port });
