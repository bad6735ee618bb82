import type { Callee } from "../callee.ts";
import { type Failure, plainFailure } from "../operation.ts";
import { type Messenger, processing, type Sending, startSending } from "./messages.ts";
import { guarded, type Method, markTraced, whenSettled, wrapMethod } from "./wrap.ts";

/** What is read of a connection of amqplib, behind its model: where its socket leads, and whether it is held up. */
interface AmqpConnection {
  readonly connection?: AmqpConnection;
  readonly stream?: {
    readonly _host?: string;
    readonly remoteAddress?: string;
    readonly remotePort?: number;
  };
  on?(event: string, listener: (reason: unknown) => void): unknown;
}

/** What is read of a channel. */
interface AmqpChannel {
  readonly connection?: AmqpConnection;
  readonly waitForConfirms?: unknown;
}

type Message = { readonly properties: object };

const AMQPLIB: Messenger = {
  instrumentations: ["@opentelemetry/instrumentation-amqplib"],
  failureOf: (error): Failure =>
    // amqplib's own words, where the broker does not take a message: its queue is full, and refuses more.
    (error as Error | undefined)?.message === "message nacked"
      ? { type: "nacked", refused: false }
      : plainFailure(error),
};

/** Traces a connection: all of its channels are traced. */
export function traceAmqpConnection(connection: object): void {
  if (markTraced(connection)) return;
  for (const name of ["createChannel", "createConfirmChannel"]) {
    wrapMethod(connection, name, (create) => {
      return function tracedCreate(this: unknown, ...args: unknown[]) {
        const at = args.findLastIndex((arg) => typeof arg === "function");
        if (at !== -1) {
          // The callback API returns the channel, and calls back when it is open.
          const callback = args[at] as Method;
          args[at] = function (this: unknown, error: unknown, channel: unknown) {
            trace(channel);
            return callback.call(this, error, channel);
          };
        }
        const result = create.apply(this, args);
        return at === -1 ? whenSettled(result, trace, () => {}) : result;
      };
    });
  }
}

const trace = (channel: unknown): void => {
  if (typeof channel === "object" && channel !== null) guarded(() => traceAmqpChannel(channel));
};

/** Traces a channel: what it publishes and what its consumers get. */
export function traceAmqpChannel(channel: object): void {
  if (markTraced(channel)) return;
  const { connection, waitForConfirms } = channel as AmqpChannel;
  const blocked = watchBlocked(connection);
  const isConfirming = waitForConfirms !== undefined;
  // sendToQueue() publishes by this, too.
  wrapMethod(channel, "publish", (publish) => {
    return function tracedPublish(this: unknown, ...args: unknown[]) {
      const [exchange, key, content, options, confirm] = args;
      const destination = String(exchange) || String(key);
      const sending = guarded(() => startSending(AMQPLIB, calleeOf(connection), destination));
      if (sending === undefined) return publish.apply(this, args);
      const own = [exchange, key, content, withHeaders(options, sending)];
      const { operation } = sending;
      if (blocked.reason !== undefined) operation.fail(new Blocked(blocked.reason));
      try {
        if (!isConfirming) {
          const result = publish.apply(this, own);
          operation.end();
          return result;
        }
        return publish.call(this, ...own, (error: unknown, ...rest: unknown[]) => {
          if (error) operation.fail(error);
          else operation.end();
          if (typeof confirm === "function") confirm(error, ...rest);
        });
      } catch (error) {
        operation.fail(error);
        throw error;
      }
    };
  });
  wrapMethod(channel, "consume", (consume) => {
    return function tracedConsume(this: unknown, ...args: unknown[]) {
      const [queue, callback, ...rest] = args;
      if (typeof callback !== "function") return consume.apply(this, args);
      const handle = function (this: unknown, message: Message | null): unknown {
        if (message === null) return callback.call(this, message);
        const received = {
          messenger: AMQPLIB,
          callee: guarded(() => calleeOf(connection)) ?? UNKNOWN,
          destination: String(queue),
          carriers: [message.properties],
        };
        return processing(received, () => callback.call(this, message));
      };
      return consume.call(this, queue, handle, ...rest);
    };
  });
}

const UNKNOWN: Callee = { system: "rabbitmq", host: undefined, port: undefined, namespace: undefined };

function calleeOf(connection: AmqpConnection | undefined): Callee {
  const stream = (connection?.connection ?? connection)?.stream;
  return { ...UNKNOWN, host: stream?._host ?? stream?.remoteAddress, port: stream?.remotePort };
}

function withHeaders(options: unknown, { headers }: Sending): object {
  const given = (options ?? {}) as { headers?: object };
  return { ...given, headers: { ...given.headers, ...headers } };
}

/** The broker takes nothing from this connection, for want of memory or disk. */
class Blocked extends Error {
  override readonly name = "Blocked";
  readonly code: string;

  constructor(reason: string) {
    super(`the broker takes no messages: ${reason}`);
    // As a kind of error it stands in traffic, and in a verdict.
    this.code = `blocked:${reason.replace(/[^a-z]+/gi, "-")}`.slice(0, 64);
  }
}

const states = new WeakMap<object, { reason: string | undefined }>();

/** Whether the broker holds this connection up (RabbitMQ's `connection.blocked`), from when one of its channels is traced. */
function watchBlocked(connection: AmqpConnection | undefined): { readonly reason: string | undefined } {
  const state: { reason: string | undefined } = { reason: undefined };
  if (connection === undefined) return state;
  const known = states.get(connection);
  if (known !== undefined) return known;
  states.set(connection, state);
  guarded(() => {
    connection.on?.("blocked", (reason) => {
      state.reason = String(reason);
    });
    connection.on?.("unblocked", () => {
      state.reason = undefined;
    });
  });
  return state;
}
