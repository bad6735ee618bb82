import { checkOptions, optionError } from "@whodunit/core";
import { Logger } from "./logger.ts";

/** The options of the plugins. */
export interface RequestLogOptions {
  /** The service's logger, from `createLogger`. */
  readonly logger: Logger;
}

/** Checks a plugin's options. @throws TypeError when `logger` is no logger */
export function loggerOf(owner: string, options: RequestLogOptions): Logger {
  checkOptions(owner, options, ["logger"]);
  if (!(options.logger instanceof Logger)) {
    throw optionError(owner, "logger", options.logger, "a logger made by createLogger");
  }
  return options.logger;
}
