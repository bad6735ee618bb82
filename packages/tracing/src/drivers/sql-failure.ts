import { errorCode } from "@whodunit/core";
import { type Failure, plainFailure } from "./operation.ts";

// Classes of SQLSTATE (ISO/IEC 9075-2, table 33) by which a server that is well refuses what it was asked: data, a
// constraint, a statement that is wrong.
const REFUSING = /^(?:22|23|42)/;

// What PostgreSQL calls the states that tell of trouble (its manual, appendix A): a verdict says them.
const CONDITIONS: Readonly<Record<string, string>> = {
  "40001": "serialization_failure",
  "40P01": "deadlock_detected",
  "53100": "disk_full",
  "53200": "out_of_memory",
  "53300": "too_many_connections",
  "55P03": "lock_not_available",
  "57014": "query_canceled",
  "57P01": "admin_shutdown",
  "57P03": "cannot_connect_now",
};
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** An error of PostgreSQL, whose code is its SQLSTATE, or of the way to it. */
export function postgresFailure(error: unknown): Failure {
  const { type } = plainFailure(error);
  const code = errorCode(error);
  // An error of the system has a code of letters, which may be five of them: `EPIPE`.
  if (code === undefined || !SQLSTATE.test(code) || !/\d/.test(code)) return { type, refused: false };
  const condition = CONDITIONS[code];
  return {
    type,
    counted: condition === undefined ? type : `${code} ${condition}`,
    status: code,
    refused: REFUSING.test(code),
  };
}

/** An error of MySQL or MariaDB, which has a number and a name beside its SQLSTATE, or of the way to it. */
export function mysqlFailure(error: unknown): Failure {
  const { type } = plainFailure(error);
  const { errno, sqlState } = (error ?? {}) as { errno?: unknown; sqlState?: unknown };
  // Errors of the system have an errno, too, and no state.
  if (typeof sqlState !== "string" || typeof errno !== "number") return { type, refused: false };
  return { type, status: String(errno), refused: REFUSING.test(sqlState) };
}
