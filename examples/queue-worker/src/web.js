import { createHealth, rabbitmqProbe, redisProbe, trafficProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { injectMessage, startTracing } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { Queue } from "bullmq";
import Fastify from "fastify";
import { MAILS, ORDERS, openChannel, openRedis, REQUEST_ID } from "./queues.js";

const service = "web";
const { traffic } = startTracing({ service });
const logger = createLogger({ service });
const { connection, channel } = await openChannel();
const redis = openRedis();
const mails = new Queue(MAILS, { connection: redis });
const health = createHealth({
  service,
  probes: [
    trafficProbe(traffic),
    rabbitmqProbe({ name: "rabbitmq", client: connection, critical: true }),
    redisProbe({ name: "redis", client: redis, critical: true }),
  ],
});

const app = Fastify(fastifyOptions({ logger }));
await app.register(tracingPlugin);
await app.register(loggerPlugin, { logger });
await app.register(healthPlugin, { health });

app.post("/orders/:id", async (request, reply) => {
  const { id } = request.params;
  // The trace goes by itself; which request it was goes in a header.
  channel.sendToQueue(ORDERS, Buffer.from(JSON.stringify({ id })), { headers: { [REQUEST_ID]: request.id } });
  await channel.waitForConfirms();
  // BullMQ has no headers: both go beside the job's data.
  await mails.add("confirm", { id, headers: injectMessage({ [REQUEST_ID]: request.id }) });
  return reply.code(202).send({ id });
});

await app.listen({ port: Number(process.env.PORT ?? 8080) });
