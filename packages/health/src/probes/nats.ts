import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkClient } from "./check-client.ts";

/** What is needed of a connection of `nats`. */
export interface NatsClient {
  rtt(): Promise<unknown>;
}

/** What {@link natsProbe} takes. */
export interface NatsProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own connection, or a function that returns the present one. */
  readonly client: NatsClient | (() => NatsClient | undefined);
}

/** Sends `PING` over the application's own connection to NATS. @throws TypeError when an option is wrong */
export function natsProbe(options: NatsProbeOptions): Probe {
  const { client } = options;
  if (typeof client !== "function") {
    checkClient("natsProbe", client, ["rtt"], "a connection of nats, or a function that returns one");
  }
  return probeFrom("natsProbe", options, ["client"], {
    async check() {
      const connection = typeof client === "function" ? client() : client;
      if (connection === undefined) throw new Error("there is no connection");
      await connection.rtt();
    },
  });
}
