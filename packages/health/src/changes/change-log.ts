import type { Standstill } from "../watch/awake-clock.ts";
import type { HealthChange } from "./change.ts";

/** Anything that takes a log name and fields, such as `createLogger()` of `@whodunit/logger`. */
export interface ChangeLogger {
  /** Writes what somebody should look at. */
  error(name: string, fields: Readonly<Record<string, unknown>>): void;
  /** Writes what nobody need look at. */
  debug(name: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Writes a change as one line: `error` when somebody should look, `debug` for a recovery or a priority of `none`. */
export function logChange(logger: ChangeLogger, { event, service: _service, ...fields }: HealthChange): void {
  if (fields.to === "OK" || fields.priority === "none") logger.debug(event, fields);
  else logger.error(event, fields);
}

/**
 * Writes that the process itself stood still, as one line, `health-process-stood_still`: `error` when something blocked
 * or stopped it, `debug` when its machine slept.
 */
export function logStandstill(logger: ChangeLogger, { durationMs, endedAt, cause }: Standstill): void {
  const fields = {
    cause,
    durationMs,
    since: new Date(endedAt - durationMs).toISOString(),
    at: new Date(endedAt).toISOString(),
  };
  if (cause === "asleep") logger.debug(STOOD_STILL, fields);
  else logger.error(STOOD_STILL, fields);
}

const STOOD_STILL = "health-process-stood_still";
