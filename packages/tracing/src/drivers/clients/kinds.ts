import { optionError } from "@whodunit/core";
import { traceAmqpChannel, traceAmqpConnection } from "./amqplib.ts";
import { traceIoRedis } from "./ioredis.ts";
import { traceKafka, traceKafkaConsumer, traceKafkaProducer } from "./kafkajs.ts";
import { type MongodbEvents, traceMongodb } from "./mongodb.ts";
import { tracePgClient, tracePgPool } from "./pg.ts";
import { tracePostgres } from "./postgres.ts";
import { traceRedisPool } from "./redis-pool.ts";

const WANTED =
  "a Pool or Client of pg, the sql of postgres, a Redis of ioredis, a pool of redis, a MongoClient of mongodb, a connection or channel of amqplib, or a Kafka, producer or consumer of kafkajs";

/** The client, traced. @throws TypeError when it is of none of the kinds that are known */
export function traced<Client extends object>(client: Client): Client {
  if (isFunction(client)) {
    if (!has(client, "unsafe", "begin")) throw optionError("traceClient", "client", client, WANTED);
    return tracePostgres(client);
  }
  const trace = KINDS.find(({ is }) => is(client))?.trace;
  if (trace === undefined) throw optionError("traceClient", "client", client, WANTED);
  trace(client);
  return client;
}

interface Kind {
  is(client: object): boolean;
  trace(client: object): void;
}

const tellOfThemselves = (): void => {};

const KINDS: readonly Kind[] = [
  { is: (client) => has(client, "sendCommand", "duplicate") && "status" in client, trace: traceIoRedis },
  {
    is: (client) => has(client, "sendCommand", "execute") && "tasksQueueLength" in client,
    trace: traceRedisPool,
  },
  // mysql2, then redis and what is made of ioredis, then mongoose.
  { is: (client) => has(client, "query", "execute"), trace: tellOfThemselves },
  { is: (client) => has(client, "sendCommand"), trace: tellOfThemselves },
  { is: (client) => has(client, "model") && "models" in client, trace: tellOfThemselves },
  { is: (client) => has(client, "query", "connect") && "totalCount" in client, trace: tracePgPool },
  { is: (client) => has(client, "query", "connect"), trace: tracePgClient },
  {
    is: (client) => has(client, "db", "on") && "monitorCommands" in client,
    trace: (client) => traceMongodb(client as MongodbEvents),
  },
  { is: (client) => has(client, "createChannel"), trace: traceAmqpConnection },
  { is: (client) => has(client, "publish", "consume"), trace: traceAmqpChannel },
  { is: (client) => has(client, "producer", "consumer"), trace: traceKafka },
  { is: (client) => has(client, "send", "sendBatch"), trace: traceKafkaProducer },
  { is: (client) => has(client, "run", "subscribe"), trace: traceKafkaConsumer },
];

const isFunction = (client: unknown): boolean => typeof client === "function";

function has(client: unknown, ...methods: readonly string[]): boolean {
  if (client === null || (typeof client !== "object" && typeof client !== "function")) return false;
  return methods.every((name) => typeof (client as Record<string, unknown>)[name] === "function");
}
