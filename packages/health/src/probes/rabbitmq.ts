import { required } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { hasMethod } from "./check-client.ts";

type Done = (error: unknown) => void;

/** What is needed of a connection of `amqplib`, or of its callback API. */
export interface RabbitmqConnection {
  /** Makes a channel. */
  createChannel(...nothing: never[]): unknown;
}

/** What is needed of a channel, confirming or not, of `amqplib`, or of its callback API. */
export interface RabbitmqChannel {
  /** The connection that it is on. */
  readonly connection: unknown;
  /** Asks the broker for something that changes nothing. */
  cancel(consumerTag: string, done: Done): unknown;
}

/** What {@link rabbitmqProbe} takes as `client`. */
export type RabbitmqClient = RabbitmqConnection | RabbitmqChannel;

/** What {@link rabbitmqProbe} takes. */
export interface RabbitmqProbeOptions extends ProbeSettings {
  readonly name: string;
  /**
   * The application's own connection or channel, or a function that returns the present one, as neither heals. With
   * `amqp-connection-manager`: `() => manager.connection`.
   */
  readonly client: RabbitmqClient | (() => RabbitmqClient | undefined);
}

const WANTED = "a connection of amqplib, a channel of it, or a function that returns one";
/** No consumer has it: a consumer's tag is the application's or begins with `amq.`. */
const NOBODYS_TAG = "whodunit-health";

const SHAPE: OwnShape<RabbitmqProbeOptions> = {
  client: required(
    (client) => typeof client === "function" || isConnection(client) || isChannel(client),
    WANTED,
  ),
};

/**
 * Asks RabbitMQ for a round trip over the application's own connection or channel: no new socket, no permission needed.
 * On a connection a channel is opened and closed; on a channel a consumer is cancelled that does not exist, which the
 * server confirms, as the specification asks.
 *
 * @throws TypeError when an option is wrong
 */
export function rabbitmqProbe(options: RabbitmqProbeOptions): Probe {
  checkProbeOptions("rabbitmqProbe", options, SHAPE);
  const { client } = options;
  return probeFrom(options, {
    async check() {
      const present = typeof client === "function" ? client() : client;
      if (present === undefined || present === null) throw new Error("there is no connection");
      if (isChannel(present)) await settled((done) => present.cancel(NOBODYS_TAG, done));
      else if (isConnection(present)) await openAndClose(present);
      else throw new Error(`the function returned something else than ${WANTED}`);
    },
  });
}

async function openAndClose(connection: RabbitmqConnection): Promise<void> {
  const channel = (await connection.createChannel()) as {
    on(event: "error", listener: () => void): unknown;
    close(done: Done): unknown;
  };
  // A channel is an emitter: without a listener its error would end the process. close() fails with it too.
  channel.on("error", () => {});
  await settled((done) => channel.close(done));
}

/** Waits for a call that returns a promise, or else calls back. */
function settled(call: (done: Done) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const returned = call((error) => (error ? reject(error) : resolve()));
    if (isThenable(returned)) returned.then(() => resolve(), reject);
  });
}

const isThenable = (value: unknown): value is PromiseLike<unknown> => hasMethod(value, "then");

const isConnection = (client: unknown): client is RabbitmqConnection =>
  hasMethod(client, "createChannel") && !isManaged(client);

const isChannel = (client: unknown): client is RabbitmqChannel =>
  hasMethod(client, "cancel") && hasMethod(client, "consume") && "connection" in client && !isManaged(client);

// Of amqp-connection-manager, which has no round trip of its own: its channels are there before they are connected.
const isManaged = (client: object): boolean =>
  hasMethod(client, "isConnected") || hasMethod(client, "waitForConnect");
