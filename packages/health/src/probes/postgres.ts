import { watchPool } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { clientWith } from "./check-client.ts";

/** What is needed of a `Pool` or `Client` of `pg`, and of whatever else speaks like them. */
export interface PostgresClient {
  /** Sends a statement. */
  query(sql: string): Promise<unknown>;
  readonly totalCount?: number;
  readonly idleCount?: number;
  readonly waitingCount?: number;
}

/** What {@link postgresProbe} takes. */
export interface PostgresProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own pool. */
  readonly client: PostgresClient;
}

const SHAPE: OwnShape<PostgresProbeOptions> = {
  client: clientWith(["query"], "a Pool or Client of pg"),
};

/**
 * Asks PostgreSQL `SELECT 1` over the application's own pool. A time-out says so when the pool was exhausted, which
 * is another night's work than a server that is down.
 *
 * @throws TypeError when an option is wrong
 */
export function postgresProbe(options: PostgresProbeOptions): Probe {
  checkProbeOptions("postgresProbe", options, SHAPE);
  const { client } = options;
  watchPool(options.name, client);
  return probeFrom(options, {
    check: () => client.query("SELECT 1"),
    explain() {
      const { totalCount, idleCount, waitingCount = 0 } = client;
      if (idleCount !== 0 || waitingCount === 0) return undefined;
      return `all ${totalCount} connections of the pool are in use, ${waitingCount} callers wait`;
    },
  });
}
