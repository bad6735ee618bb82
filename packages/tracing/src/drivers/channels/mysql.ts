import { type Callee, databaseAttributes } from "../callee.ts";
import { type Driver, type Operation, startOperation } from "../operation.ts";
import { readStatement, type Statement } from "../sql.ts";
import { mysqlFailure } from "../sql-failure.ts";
import { describeStatement, nameOf } from "../sql-operation.ts";
import type { DriverChannel } from "./driver-channel.ts";

/** What mysql2 publishes (`documentation/tracing` of 3.24). */
interface MysqlMessage {
  /** Not of connects. */
  readonly query?: string;
  readonly values?: unknown;
  readonly database: string;
  /** A host, or the path of a socket. */
  readonly serverAddress: string;
  readonly serverPort?: number;
}

const MYSQL: Driver<Statement | undefined> = {
  instrumentations: ["@opentelemetry/instrumentation-mysql2"],
  describe: (statement, callee) => describeStatement(databaseAttributes(callee), statement),
  failureOf: mysqlFailure,
};

let last: Callee | undefined;

// Most operations go where the one before went.
function calleeOf({ database, serverAddress, serverPort }: MysqlMessage): Callee {
  const isLast = last?.host === serverAddress && last.port === serverPort && last.namespace === database;
  if (last === undefined || !isLast) {
    last = { system: "mysql", host: serverAddress, port: serverPort, namespace: database };
  }
  return last;
}

function startStatement(message: MysqlMessage, reusable: boolean): Operation | undefined {
  const subject = readStatement(String(message.query ?? ""), "mysql", reusable);
  return startOperation({
    driver: MYSQL,
    callee: calleeOf(message),
    name: nameOf(subject, "query"),
    subject,
  });
}

/**
 * mysql2 from 3.24. A connection that a pool hands out is no operation, but what is done with it runs where it was asked
 * for, not where another has given it back.
 */
export const MYSQL_CHANNELS: readonly DriverChannel[] = [
  // By query() the values are written into the text.
  {
    name: "mysql2:query",
    start: (message: MysqlMessage) => startStatement(message, isEmpty(message.values)),
    restores: true,
  },
  { name: "mysql2:execute", start: (message: MysqlMessage) => startStatement(message, true), restores: true },
  {
    name: "mysql2:connect",
    start: (message: MysqlMessage) =>
      startOperation({
        driver: MYSQL,
        callee: calleeOf(message),
        name: "connect",
        subject: undefined,
        onlyInside: true,
      }),
  },
  { name: "mysql2:pool:connect", start: () => undefined, restores: true },
];

const isEmpty = (values: unknown): boolean =>
  values === undefined || values === null || (Array.isArray(values) && values.length === 0);
