import { required } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { hasMethod } from "./check-client.ts";

/** What is needed of a connection of `nats`. */
export interface NatsClient {
  /** Goes to the server and back. */
  rtt(): Promise<unknown>;
}

/** What {@link natsProbe} takes. */
export interface NatsProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own connection, or a function that returns the present one. */
  readonly client: NatsClient | (() => NatsClient | undefined);
}

const SHAPE: OwnShape<NatsProbeOptions> = {
  client: required(
    (client) => typeof client === "function" || hasMethod(client, "rtt"),
    "a connection of nats, or a function that returns one",
  ),
};

/** Sends `PING` over the application's own connection to NATS. @throws TypeError when an option is wrong */
export function natsProbe(options: NatsProbeOptions): Probe {
  checkProbeOptions("natsProbe", options, SHAPE);
  const { client } = options;
  return probeFrom(options, {
    async check() {
      const connection = typeof client === "function" ? client() : client;
      if (connection === undefined) throw new Error("there is no connection");
      await connection.rtt();
    },
  });
}
