import { watchPool } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { clientWith } from "./check-client.ts";

/** What is needed of a pool or connection of `mysql2`, of `mysql2/promise` or not. */
export interface MysqlClient {
  /** Sends a statement. */
  query(sql: string): unknown;
  /** The same pool with promises, of one that takes callbacks. */
  promise?(): {
    /** Sends a statement. */
    query(sql: string): Promise<unknown>;
  };
}

/** What {@link mysqlProbe} takes. */
export interface MysqlProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own pool. */
  readonly client: MysqlClient;
}

const SHAPE: OwnShape<MysqlProbeOptions> = {
  client: clientWith(["query"], "a pool or connection of mysql2"),
};

/** Asks MySQL or MariaDB `SELECT 1` over the application's own pool. @throws TypeError when an option is wrong */
export function mysqlProbe(options: MysqlProbeOptions): Probe {
  checkProbeOptions("mysqlProbe", options, SHAPE);
  const { client } = options;
  watchPool(options.name, client);
  return probeFrom(options, {
    // The pools with callbacks return no promise from query(), but lend one that does.
    check: () => (client.promise?.() ?? client).query("SELECT 1"),
  });
}
