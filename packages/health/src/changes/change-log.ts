import type { HealthChange } from "./change.ts";

/** Anything that takes a log name and fields, such as `createLogger()` of `@whodunit/logger`. */
export interface ChangeLogger {
  error(name: string, fields: Readonly<Record<string, unknown>>): void;
  debug(name: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Writes a change as one line: `error` when somebody should look, `debug` for a recovery or a priority of `none`. */
export function logChange(logger: ChangeLogger, { event, service: _service, ...fields }: HealthChange): void {
  if (fields.to === "OK" || fields.priority === "none") logger.debug(event, fields);
  else logger.error(event, fields);
}
