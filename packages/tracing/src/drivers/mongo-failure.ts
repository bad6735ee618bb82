import { errorType } from "@whodunit/core";
import { type Failure, plainFailure } from "./operation.ts";

// By what MongoDB that is well refuses what it was asked (its error_codes.yml): a wrong command, a document that breaks
// a rule, a key that is there.
const REFUSING = new Set([2, 9, 14, 16, 28, 48, 59, 66, 121, 11_000, 11_001]);
// Before or beside any server, by mongoose.
const LOCAL =
  /^(?:CastError|DocumentNotFoundError|ObjectExpectedError|StrictModeError|ValidationError|VersionError)$/;
// A server's answer; those are subclasses of it.
const ANSWERED = /^Mongo(?:Server|BulkWrite|WriteConcern)Error$/;

/** An error of MongoDB or its driver, or of mongoose above it. */
export function mongoFailure(error: unknown): Failure {
  const type = errorType(error);
  const { code } = (error ?? {}) as { code?: unknown };
  if (!ANSWERED.test(type)) return { ...plainFailure(error), refused: LOCAL.test(type) };
  const status = typeof code === "number" ? String(code) : undefined;
  return {
    type: status === undefined ? type : status,
    counted: `${type}${status === undefined ? "" : ` ${status}`}`,
    status,
    refused: typeof code === "number" && REFUSING.has(code),
  };
}
