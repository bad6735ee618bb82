import type { Attributes, AttributeValue } from "@opentelemetry/api";
import { optionError } from "@whodunit/core";
import { type Callee, databaseAttributes } from "../callee.ts";
import { mongoFailure } from "../mongo-failure.ts";
import { type Driver, type Operation, startOperation } from "../operation.ts";
import { guarded, markTraced } from "./wrap.ts";

/** What is needed of a `MongoClient` of `mongodb`. */
export interface MongodbEvents {
  monitorCommands: boolean;
  readonly topology?: object;
  on(event: string, listener: (event: never) => void): unknown;
}

/** Events of the drivers' specification of command monitoring. */
interface CommandStarted {
  readonly requestId: number;
  readonly commandName: string;
  readonly databaseName: string;
  readonly address: string;
  readonly command: Readonly<Record<string, unknown>>;
}
interface CommandSucceeded {
  readonly requestId: number;
  readonly reply?: {
    readonly writeErrors?: readonly { readonly code?: number; readonly errmsg?: string }[];
  } | null;
}
interface CommandFailed {
  readonly requestId: number;
  readonly failure: unknown;
}

// A reply that never comes leaves its operation here.
const OPEN_MAX = 10_000;
// The driver's own: sessions, logins and cursors that nobody reads on.
const HOUSEKEEPING = new Set([
  "endSessions",
  "hello",
  "isMaster",
  "ismaster",
  "killCursors",
  "saslContinue",
  "saslStart",
]);

const MONGODB: Driver<CommandStarted> = {
  instrumentations: ["@opentelemetry/instrumentation-mongodb"],
  describe(event, callee) {
    const attributes: Attributes = databaseAttributes(callee);
    attributes["db.operation.name"] = event.commandName;
    const collection = collectionOf(event);
    if (collection !== undefined) attributes["db.collection.name"] = collection;
    attributes["db.query.text"] = shapeOf(event);
    return attributes;
  },
  failureOf: mongoFailure,
};

/**
 * Traces a client by the driver's own events of its commands.
 *
 * @throws TypeError when it is connected already without telling them
 */
export function traceMongodb(client: MongodbEvents): void {
  if (client.topology !== undefined && client.monitorCommands !== true) {
    throw optionError(
      "traceClient",
      "client",
      client,
      "a MongoClient before its connect(), or one made with monitorCommands: true",
    );
  }
  if (markTraced(client)) return;
  client.monitorCommands = true;
  const open = new Map<number, Operation>();
  const take = (requestId: number): Operation | undefined => {
    const operation = open.get(requestId);
    open.delete(requestId);
    return operation;
  };
  const on = <Event>(name: string, listener: (event: Event) => void): void => {
    client.on(name, (event: never) => guarded(() => listener(event)));
  };
  on("commandStarted", (event: CommandStarted) => {
    if (open.size >= OPEN_MAX || HOUSEKEEPING.has(event.commandName)) return;
    const collection = collectionOf(event);
    const name = collection === undefined ? event.commandName : `${event.commandName} ${collection}`;
    const operation = startOperation({ driver: MONGODB, callee: calleeOf(event), name, subject: event });
    if (operation !== undefined) open.set(event.requestId, operation);
  });
  on("commandSucceeded", ({ requestId, reply }: CommandSucceeded) => {
    const operation = take(requestId);
    // A command that was carried out may hold writes that were not.
    const [refused] = reply?.writeErrors ?? [];
    if (refused === undefined) operation?.end();
    else operation?.fail({ name: "MongoServerError", code: refused.code, message: refused.errmsg });
  });
  on("commandFailed", ({ requestId, failure }: CommandFailed) => take(requestId)?.fail(failure));
}

function calleeOf({ address, databaseName }: CommandStarted): Callee {
  const cut = address.lastIndexOf(":");
  const port = Number(address.slice(cut + 1));
  const isSocket = cut === -1 || !Number.isInteger(port);
  return {
    system: "mongodb",
    host: isSocket ? address : address.slice(0, cut).replace(/^\[|\]$/g, ""),
    port: isSocket ? undefined : port,
    namespace: databaseName,
  };
}

function collectionOf({ command, commandName }: CommandStarted): string | undefined {
  const named = commandName === "getMore" ? command.collection : command[commandName];
  return typeof named === "string" ? named : undefined;
}

const DEPTH_MAX = 4;
const ITEMS_MAX = 32;

/** The command without its values, nor what the driver adds to each. */
function shapeOf({ command }: CommandStarted): AttributeValue {
  const own = Object.entries(command).filter(
    ([key]) => !key.startsWith("$") && key !== "lsid" && key !== "txnNumber",
  );
  return JSON.stringify(
    Object.fromEntries(own.slice(0, ITEMS_MAX).map(([key, value]) => [key, withoutValues(value, 1)])),
  );
}

function withoutValues(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [withoutValues(value[0], depth + 1)];
  const isPlain =
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain || depth > DEPTH_MAX) return "?";
  const entries = Object.entries(value).slice(0, ITEMS_MAX);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutValues(item, depth + 1)]));
}
