import assert from "node:assert/strict";
import { createHealth } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { startTracing } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import express from "express";
import Fastify from "fastify";

main();

async function main() {
  process.env.WHODUNIT_TOKEN = "the-packed-services-token";
  const lines = [];
  const logger = createLogger({
    service: "packed",
    destination: { write: (line) => lines.push(JSON.parse(line)) },
  });
  const health = createHealth({ service: "packed" });
  const tracing = startTracing({ service: "packed" });

  const app = Fastify(fastifyOptions({ logger }));
  await app.register(tracingPlugin);
  await app.register(loggerPlugin, { logger });
  await app.register(healthPlugin, { health });
  app.get("/fastify/:id", async () => "ok");
  const fastifyUrl = await app.listen({ host: "127.0.0.1", port: 0 });

  const other = express();
  other.use(tracingMiddleware());
  other.use(loggerMiddleware({ logger }));
  other.use(healthRouter({ health }));
  other.get("/express/:id", (_, response) => response.send("ok"));
  const server = other.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const expressUrl = `http://127.0.0.1:${server.address().port}`;

  for (const url of [`${fastifyUrl}/fastify/1`, `${expressUrl}/express/1`])
    assert.equal(await (await fetch(url)).text(), "ok");
  for (const url of [fastifyUrl, expressUrl]) assert.equal((await fetch(`${url}/health/live`)).status, 200);
  const bearer = { authorization: `Bearer ${process.env.WHODUNIT_TOKEN}` };
  const { series } = await (await fetch(`${fastifyUrl}/debug/traffic`, { headers: bearer })).json();
  const routes = series
    .filter(({ side, windowS }) => side === "server" && windowS === 60)
    .map(({ route }) => route);
  assert.deepEqual(routes.sort(), ["GET /express/:id", "GET /fastify/:id"]);
  const responses = lines.filter(({ msg }) => msg === "packed-http-response");
  assert.equal(responses.length, 2);
  for (const { trace_id } of responses) assert.match(trace_id, /^[0-9a-f]{32}$/);
  await tracing.close();
  process.exit(0);
}
