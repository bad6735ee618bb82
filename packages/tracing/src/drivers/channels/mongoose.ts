import { databaseAttributes } from "../callee.ts";
import { mongoFailure } from "../mongo-failure.ts";
import { type Driver, type Operation, startOperation } from "../operation.ts";
import type { DriverChannel } from "./driver-channel.ts";

/** What mongoose publishes of a query, a save or a cursor's step. */
interface MongooseMessage {
  readonly operation: string;
  readonly collection: string;
  readonly database?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
}

const MONGOOSE: Driver<MongooseMessage> = {
  // mongodb's tells the commands below.
  instrumentations: ["@opentelemetry/instrumentation-mongoose", "@opentelemetry/instrumentation-mongodb"],
  describe({ operation, collection }, callee) {
    const attributes = databaseAttributes(callee);
    attributes["db.operation.name"] = operation;
    attributes["db.collection.name"] = collection;
    return attributes;
  },
  failureOf: mongoFailure,
};

function start(message: MongooseMessage): Operation | undefined {
  const { operation, collection, database, serverAddress, serverPort } = message;
  return startOperation({
    driver: MONGOOSE,
    callee: { system: "mongodb", host: serverAddress, port: serverPort, namespace: database },
    name: `${operation} ${collection}`,
    subject: message,
  });
}

/** mongoose from 9.12. */
export const MONGOOSE_CHANNELS: readonly DriverChannel[] = [
  "mongoose:query",
  "mongoose:aggregate",
  "mongoose:model:save",
  "mongoose:model:insertMany",
  "mongoose:model:bulkWrite",
  "mongoose:cursor:next",
].map((name) => ({ name, start, encloses: "mongodb" }));
