import { errorCode, errorType } from "@whodunit/core";
import { errorKind } from "../running/record-error.ts";

/** How an outgoing request ended beside an answer that was read to its end. */
export interface CallEnd {
  /** What went wrong, by code or type; undefined where nothing did. */
  readonly errorType: string | undefined;
  /** Whether the caller itself gave it up: neither failure nor success. */
  readonly cancelled: boolean;
}

/** The answer was read to its end, or nobody can tell any more. */
export const READ: CallEnd = { errorType: undefined, cancelled: false };
/** The caller gave the request up, or the reader its answer. */
export const CANCELLED: CallEnd = { errorType: undefined, cancelled: true };
/** The time that the caller had set was over. */
export const TIMED_OUT: CallEnd = { errorType: "TimeoutError", cancelled: false };
/** The connection closed before the whole answer was there; by the code that Node gives it. */
export const TORN: CallEnd = { errorType: "ECONNRESET", cancelled: false };

// AbortController's own error, undici's (a client that is destroyed, too), Node's, axios'.
const ABORTED = /^(?:ABORT_ERR|UND_ERR_ABORTED|UND_ERR_DESTROYED|ERR_CANCELED)$/;
// DOMException's TimeoutError, Node's ETIMEDOUT, undici's UND_ERR_…_TIMEOUT, and what libraries call theirs.
const TIMEOUT = /time[sd]?[-_]?out/i;
// Codes of the system (they begin with E), Node (ERR_), undici, the parser, zlib, and OpenSSL's of certificates.
const TRANSPORT =
  /^(?:E[A-Z0-9_]+$|UND_ERR_|HPE_|Z_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|OUT_OF_MEM)|CERT|CRL/;

/** A request that failed by `error`, whether or not it came from the caller. */
export function failedBy(error: unknown): CallEnd {
  return { errorType: errorKind(error), cancelled: false };
}

/** A request that ended by the caller's own hand with `error`: a time-out of its own is still a failure. */
export function endedByCaller(error: unknown): CallEnd {
  const timeout = timeoutIn(error);
  return timeout === undefined ? CANCELLED : failedBy(timeout);
}

/**
 * A request that ended with `error`, where nothing but the error tells who ended it. A signal's reason may be anything:
 * what bears no code of transport came from the caller.
 */
export function endedBy(error: unknown): CallEnd {
  const timeout = timeoutIn(error);
  if (timeout !== undefined) return failedBy(timeout);
  return isTransport(error) ? failedBy(error) : CANCELLED;
}

/** The time-out that `error` is, or that it was caused by; Node wraps a signal's reason into an AbortError. */
function timeoutIn(error: unknown): unknown {
  if (isTimeout(error)) return error;
  try {
    const { cause } = error as { cause?: unknown };
    return isAbort(error) && isTimeout(cause) ? cause : undefined;
  } catch {
    // There is no error, or a getter of the service's own threw.
    return undefined;
  }
}

const isTimeout = (error: unknown): boolean =>
  typeof error === "object" && (TIMEOUT.test(errorCode(error) ?? "") || TIMEOUT.test(errorType(error)));

const isAbort = (error: unknown): boolean =>
  errorType(error) === "AbortError" || ABORTED.test(errorCode(error) ?? "");

function isTransport(error: unknown): boolean {
  try {
    if (typeof error !== "object" || error === null || isAbort(error)) return false;
    if ((error as { syscall?: unknown }).syscall !== undefined) return true;
    const code = errorCode(error);
    // undici's parser has no code for what is no HTTP at all.
    return code === undefined ? errorType(error) === "HTTPParserError" : TRANSPORT.test(code);
  } catch {
    // A getter of the service's own threw: no transport's.
    return false;
  }
}
