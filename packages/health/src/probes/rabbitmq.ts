import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkClient } from "./check-client.ts";

/** What is needed of a connection (`ChannelModel`) of `amqplib`. */
export interface RabbitmqClient {
  createChannel(): Promise<{
    on(event: "error", listener: () => void): unknown;
    close(): Promise<unknown>;
  }>;
}

/** What {@link rabbitmqProbe} takes. */
export interface RabbitmqProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own connection, or a function that returns the present one, as connections do not heal. */
  readonly client: RabbitmqClient | (() => RabbitmqClient | undefined);
}

/**
 * Opens and closes a channel on the application's own connection to RabbitMQ: two round trips, no new socket, no
 * permission needed.
 *
 * @throws TypeError when an option is wrong
 */
export function rabbitmqProbe(options: RabbitmqProbeOptions): Probe {
  const { client } = options;
  if (typeof client !== "function") {
    const wanted = "a connection of amqplib, or a function that returns one";
    checkClient("rabbitmqProbe", client, ["createChannel"], wanted);
  }
  return probeFrom("rabbitmqProbe", options, ["client"], {
    async check() {
      const connection = typeof client === "function" ? client() : client;
      if (connection === undefined) throw new Error("there is no connection");
      const channel = await connection.createChannel();
      // A channel is an emitter: without a listener its error would end the process. close() rejects with it too.
      channel.on("error", () => {});
      await channel.close();
    },
  });
}
