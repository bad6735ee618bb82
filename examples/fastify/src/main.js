import { createHealth, trafficProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { startTracing } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify from "fastify";

const service = "fastify";
const { traffic } = startTracing({ service });
const logger = createLogger({ service });
const health = createHealth({ service, probes: [trafficProbe(traffic)] });

const app = Fastify(fastifyOptions({ logger }));
await app.register(tracingPlugin);
await app.register(loggerPlugin, { logger });
await app.register(healthPlugin, { health });

app.get("/hello/:name", async ({ log, params }) => {
  log.debug("hello", { name: params.name });
  return `Hello ${params.name}\n`;
});
app.get("/fail", async () => {
  throw new RangeError("no doughnuts");
});

await app.listen({ port: Number(process.env.PORT ?? 8080) });
