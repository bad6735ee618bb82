import type { Subscribers } from "../../http/client-channels.ts";
import { addWaited } from "../../resources/waits.ts";
import { type Callee, calleeName, databaseAttributes } from "../callee.ts";
import { type Driver, type Failure, type Operation, plainFailure, startOperation } from "../operation.ts";
import type { DriverChannel } from "./driver-channel.ts";

/** What ioredis 6 and @redis/client 6 publish of a server. */
interface RedisMessage {
  /** A host, or the path of a socket. */
  readonly serverAddress: string;
  readonly serverPort?: number;
  readonly database?: number;
  /** node-redis only. */
  readonly clientId?: string;
}

/** A command as a client is asked for it. */
export interface AskedCommand {
  readonly command: string;
  /** The clients hide some of them; they are only counted here. */
  readonly args: readonly unknown[];
  /** Part of a batch, which is told as a whole. */
  readonly batchMode?: string;
}

/** Of one command. */
type CommandMessage = RedisMessage & AskedCommand;

/** Of a transaction or pipeline. */
interface BatchMessage extends RedisMessage {
  readonly batchMode: string;
  readonly batchSize: number;
}

/** What is told of a command or batch. */
export interface Command {
  readonly operation: string;
  readonly text: string;
  readonly batchSize?: number;
}

// By their beginnings. Redis itself is in trouble: all else it says of what it was asked.
const TROUBLE =
  /^(?:BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|OOM|READONLY|TRYAGAIN|UNKILLABLE)\b/;
const ANSWERED = /^-?([A-Z][A-Z0-9_]{1,31})(?= |$)/;

// What a client says of commands that it holds back, or gives up, for want of a connection.
const HELD_BACK =
  /^(?:ClientOfflineError|ClientClosedError|MaxRetriesPerRequestError)$|^Stream isn't writeable/;

const LOST_MAX = 256;
const LOST_FOR_MS = 60_000;
/** Why the last connection to a server failed, and when, by `host:port`. */
const lost = new Map<string, { readonly type: string; readonly atMs: number }>();

const CLOSED = "Connection is closed.";

/** Keeps why there is no connection to a server. */
export function rememberLost(host: string | undefined, port: number | undefined, error: unknown): void {
  if (lost.size >= LOST_MAX) lost.clear();
  lost.set(`${host}:${port}`, { type: plainFailure(error).type, atMs: performance.now() });
}

/**
 * An error that Redis answered begins with a word in capitals. A command that never left is counted by why there is no
 * connection: the client's own word for it says nothing of that.
 */
function redisFailure(error: unknown, command: Command | undefined, { host, port }: Callee): Failure {
  const { type } = plainFailure(error);
  const { message } = (error ?? {}) as { message?: unknown };
  const text = typeof message === "string" ? message : "";
  const why = lost.get(`${host}:${port}`);
  const isNew = why !== undefined && performance.now() - why.atMs < LOST_FOR_MS;
  // ioredis says no more of a connection that it could not make, and why beforehand.
  if (text === CLOSED) return { type, counted: isNew ? why.type : "connection closed", refused: false };
  if (command === undefined) rememberLost(host, port, error);
  else if (HELD_BACK.test(type) || HELD_BACK.test(text)) {
    return { type, refused: false, ...(isNew && { counted: why.type }) };
  }
  if (!/^(?:ReplyError|ErrorReply|SimpleError|BlobError)$/.test(type)) return { type, refused: false };
  const status = ANSWERED.exec(text)?.[1];
  if (status === undefined) return { type, refused: false };
  return { type: status, status, refused: !TROUBLE.test(status) };
}

const driver = (instrumentation: string): Driver<Command | undefined> => ({
  instrumentations: [instrumentation],
  describe(command, callee) {
    const attributes = databaseAttributes(callee);
    if (command === undefined) return attributes;
    attributes["db.operation.name"] = command.operation;
    attributes["db.query.text"] = command.text;
    if (command.batchSize !== undefined) attributes["db.operation.batch.size"] = command.batchSize;
    return attributes;
  },
  failureOf: redisFailure,
});

/** ioredis, which its channel and `traceClient` share. */
export const IOREDIS: Driver<Command | undefined> = driver("@opentelemetry/instrumentation-ioredis");
const NODE_REDIS = driver("@opentelemetry/instrumentation-redis");

/** The server that a client tells of. */
export const calleeOf = ({ serverAddress, serverPort, database }: RedisMessage): Callee => ({
  system: "redis",
  host: serverAddress,
  port: serverPort,
  namespace: database === undefined || database === 0 ? undefined : String(database),
});

// With what a client sets its connection up.
const HOUSEKEEPING = new Set(["AUTH", "CLIENT", "HELLO", "INFO", "READONLY", "SELECT"]);
const ARGUMENTS_SHOWN_MAX = 16;
const KNOWN_MAX = 1_000;
/** What is told of commands, by their name as it was given and then by the number of arguments that is shown. */
const known = new Map<string, Command[]>();

/** Starts one command; undefined for what the client does for itself. */
export function startCommand(
  of: Driver<Command | undefined>,
  callee: Callee,
  { command, args, batchMode }: AskedCommand,
): Operation | undefined {
  if (batchMode !== undefined) return undefined;
  // node-redis counts the command itself among the arguments.
  const subject = commandOf(command, of === NODE_REDIS ? args.length - 1 : args.length);
  if (HOUSEKEEPING.has(subject.operation)) return undefined;
  return startOperation({ driver: of, callee, name: subject.operation, subject });
}

function commandOf(name: string, count: number): Command {
  const shown = Math.max(0, Math.min(count, ARGUMENTS_SHOWN_MAX));
  let byCount = known.get(name);
  if (byCount === undefined) {
    byCount = [];
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(name, byCount);
  }
  let command = byCount[shown];
  if (command === undefined) {
    const operation = name.toUpperCase();
    // Keys are made of values: none is shown.
    command = { operation, text: `${operation}${" ?".repeat(shown)}` };
    byCount[shown] = command;
  }
  return command;
}

function startBatch(of: Driver<Command | undefined>, message: BatchMessage): Operation | undefined {
  const { batchMode: name, batchSize } = message;
  const subject = { operation: name, text: name, batchSize };
  return startOperation({ driver: of, callee: calleeOf(message), name, subject });
}

function startConnect(of: Driver<Command | undefined>, message: RedisMessage): Operation | undefined {
  const callee = calleeOf(message);
  if (message.clientId !== undefined) remember(message.clientId, callee);
  return startOperation({ driver: of, callee, name: "connect", subject: undefined, onlyInside: true });
}

/** ioredis from 6, and @redis/client from 6.3. */
export const REDIS_CHANNELS: readonly DriverChannel[] = (
  [
    ["ioredis", IOREDIS],
    ["node-redis", NODE_REDIS],
  ] as const
).flatMap(([name, of]): DriverChannel[] => [
  {
    name: `${name}:command`,
    start: (message: CommandMessage) => startCommand(of, calleeOf(message), message),
  },
  { name: `${name}:batch`, start: (message: BatchMessage) => startBatch(of, message), encloses: "redis" },
  { name: `${name}:connect`, start: (message: RedisMessage) => startConnect(of, message) },
]);

/** Of a connection that a pool of node-redis hands out. */
interface ConnectionWait {
  readonly clientId: string;
  /** As `performance.now()`. */
  readonly waitStartTimestamp: number;
}

const CLIENTS_MAX = 1_000;
const addresses = new Map<string, Callee>();

function remember(clientId: string, callee: Callee): void {
  if (addresses.size >= CLIENTS_MAX) addresses.clear();
  addresses.set(clientId, callee);
}

/**
 * What node-redis tells of beside operations: an error with which it connects again, without a word on its channel of
 * connects, and holds commands back meanwhile; and for how long somebody waited for a connection of a pool.
 */
export const REDIS_EVENTS: Subscribers = {
  "node-redis:error": ({ error, clientId }: { error: unknown; clientId?: string }) => {
    const callee = clientId === undefined ? undefined : addresses.get(clientId);
    if (callee === undefined) return;
    startOperation({
      driver: NODE_REDIS,
      callee,
      name: "connect",
      subject: undefined,
      onlyInside: true,
    })?.fail(error);
  },
  "node-redis:pool:connection-wait": ({ clientId, waitStartTimestamp }: ConnectionWait) => {
    const callee = addresses.get(clientId);
    if (callee === undefined) return;
    addWaited("pool", calleeName(callee), performance.now() - waitStartTimestamp);
  },
};
