// What both processes have of the broker and of Redis.
import { traceClient } from "@whodunit/tracing";
import { connect } from "amqplib";
import { Redis } from "ioredis";

export const ORDERS = "orders";
export const MAILS = "mails";
/** The header by which a message says in which request it was sent. */
export const REQUEST_ID = "x-request-id";

/** A channel whose messages carry the trace: what is published, and what its consumers get. */
export async function openChannel() {
  const connection = traceClient(await connect(process.env.AMQP_URL ?? "amqp://localhost"));
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(ORDERS, { durable: false });
  return { connection, channel };
}

/** BullMQ wants connections of its own, which wait for commands without an end. */
export function openRedis() {
  return new Redis(process.env.REDIS_URL ?? "redis://localhost", { maxRetriesPerRequest: null });
}
