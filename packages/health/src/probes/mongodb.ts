import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkClient } from "./check-client.ts";

/** What is needed of a `MongoClient` of `mongodb`. */
export interface MongodbClient {
  db(name: string): { command(command: { readonly ping: 1 }): Promise<unknown> };
}

/** What {@link mongodbProbe} takes. */
export interface MongodbProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own client. */
  readonly client: MongodbClient;
}

/**
 * Asks MongoDB `{ ping: 1 }` over the application's own client.
 *
 * @experimental Tested against the client's shape, not against a server.
 * @throws TypeError when an option is wrong
 */
export function mongodbProbe(options: MongodbProbeOptions): Probe {
  const { client } = options;
  checkClient("mongodbProbe", client, ["db"], "a MongoClient of mongodb");
  return probeFrom("mongodbProbe", options, ["client"], {
    check: () => client.db("admin").command({ ping: 1 }),
  });
}
