import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { clientWith } from "./check-client.ts";

/** What is needed of a `MongoClient` of `mongodb`. */
export interface MongodbClient {
  /** A database of the server. */
  db(name: string): {
    /** Sends a command. */
    command(command: { readonly ping: 1 }): Promise<unknown>;
  };
}

/** What {@link mongodbProbe} takes. */
export interface MongodbProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own client. */
  readonly client: MongodbClient;
}

const SHAPE: OwnShape<MongodbProbeOptions> = {
  client: clientWith(["db"], "a MongoClient of mongodb"),
};

/**
 * Asks MongoDB `{ ping: 1 }` over the application's own client.
 *
 * @experimental Tested against the client's shape, not against a server.
 * @throws TypeError when an option is wrong
 */
export function mongodbProbe(options: MongodbProbeOptions): Probe {
  checkProbeOptions("mongodbProbe", options, SHAPE);
  const { client } = options;
  return probeFrom(options, {
    check: () => client.db("admin").command({ ping: 1 }),
  });
}
