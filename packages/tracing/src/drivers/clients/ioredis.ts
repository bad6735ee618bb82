import type { Callee } from "../callee.ts";
import { calleeOf, IOREDIS, rememberLost, startCommand } from "../channels/redis.ts";
import type { Operation } from "../operation.ts";
import { endWith, guarded, markTraced, wrapMethod } from "./wrap.ts";

/** What is read of a client of ioredis. */
interface IoRedis {
  readonly options?: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly db?: number;
  };
  readonly condition?: { readonly select?: number } | null;
}

/** A command of ioredis, which goes by `sendCommand` again when it was held back. */
interface IoRedisCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly promise: Promise<unknown>;
  /** Whether it is told of already, by its channel or by us: held back, it is sent once more. */
  isTraced?: boolean;
}

/** Traces a client: each command from when it is asked for, not from when it is sent, as the client's own channel has it. */
export function traceIoRedis(client: object): void {
  if (markTraced(client)) return;
  const calleeNow = calleeOfClient(client);
  wrapMethod(client, "sendCommand", (sendCommand) => {
    return function tracedSendCommand(this: unknown, ...args: unknown[]) {
      const operation = guarded(() => begin(calleeNow(), args[0] as IoRedisCommand));
      const result = sendCommand.apply(this, args);
      return operation === undefined ? result : endWith(operation, result);
    };
  });
  // By this it tells its listeners, and without any the console, why there is no connection.
  wrapMethod(client, "silentEmit", (silentEmit) => {
    return function tracedEmit(this: unknown, ...args: unknown[]) {
      if (args[0] === "error") {
        guarded(() => {
          const { serverAddress, serverPort } = addressOf(client);
          rememberLost(serverAddress, serverPort, args[1]);
        });
      }
      return silentEmit.apply(this, args);
    };
  });
}

function addressOf({ options = {} }: IoRedis): {
  readonly serverAddress: string;
  readonly serverPort?: number;
} {
  const { host = "localhost", port = 6_379, path } = options;
  return path === undefined ? { serverAddress: host, serverPort: port } : { serverAddress: path };
}

/** The server of a client, the same object until it selects another database. */
function calleeOfClient(client: IoRedis): () => Callee {
  let last: Callee | undefined;
  let lastDatabase: number | undefined;
  return () => {
    const database = client.condition?.select ?? client.options?.db ?? 0;
    if (last === undefined || database !== lastDatabase) {
      last = calleeOf({ ...addressOf(client), database });
      lastDatabase = database;
    }
    return last;
  };
}

function begin(callee: Callee, command: IoRedisCommand): Operation | undefined {
  if (command.isTraced === true) return undefined;
  command.isTraced = true;
  return startCommand(IOREDIS, callee, { command: command.name, args: command.args });
}
