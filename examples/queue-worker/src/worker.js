import { onShutdown } from "@whodunit/core";
import { createLogger, withContext } from "@whodunit/logger";
import { extractMessage, startTracing, withSpan } from "@whodunit/tracing";
import { Worker } from "bullmq";
import { MAILS, ORDERS, openChannel, openRedis, REQUEST_ID } from "./queues.js";

const service = "worker";
startTracing({ service });
const logger = createLogger({ service });

// RabbitMQ: the consumer runs in a span of the sender's trace.
const { connection, channel } = await openChannel();
const { consumerTag } = await channel.consume(ORDERS, (message) => {
  if (message === null) return;
  const { id } = JSON.parse(message.content.toString());
  withContext({ RequestID: message.properties.headers[REQUEST_ID] }, () => {
    logger.debug("order-packed", { id });
    channel.ack(message);
  });
});

// BullMQ: a span in the trace that stands beside the data.
const worker = new Worker(
  MAILS,
  ({ data: { id, headers } }) =>
    withContext({ RequestID: headers[REQUEST_ID] }, () =>
      withSpan("confirm-order", extractMessage(headers), () => confirm(id)),
    ),
  { connection: openRedis() },
);

// Where it fails, its line is still in the trace and the context, and BullMQ hears of it.
async function confirm(id) {
  try {
    if (id === "0") throw new RangeError("no such order");
    logger.debug("mail-sent", { id });
  } catch (error) {
    logger.error("mail-failed", { err: error });
    throw error;
  }
}

// No more is taken, what was taken is finished, and only then spans and lines go out and the process ends.
onShutdown({
  phase: "servers",
  name: "queues",
  timeoutMs: 10_000,
  async close() {
    await channel.cancel(consumerTag);
    await worker.close();
    await connection.close();
  },
});
logger.debug("ready");
