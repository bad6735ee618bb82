import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkClient } from "./check-client.ts";

/** What is needed of a pool or connection of `mysql2`, of `mysql2/promise` or not. */
export interface MysqlClient {
  query(sql: string): unknown;
  promise?(): { query(sql: string): Promise<unknown> };
}

/** What {@link mysqlProbe} takes. */
export interface MysqlProbeOptions extends ProbeSettings {
  readonly name: string;
  /** The application's own pool. */
  readonly client: MysqlClient;
}

/** Asks MySQL or MariaDB `SELECT 1` over the application's own pool. @throws TypeError when an option is wrong */
export function mysqlProbe(options: MysqlProbeOptions): Probe {
  const { client } = options;
  checkClient("mysqlProbe", client, ["query"], "a pool or connection of mysql2");
  return probeFrom("mysqlProbe", options, ["client"], {
    // The pools with callbacks return no promise from query(), but lend one that does.
    check: () => (client.promise?.() ?? client).query("SELECT 1"),
  });
}
