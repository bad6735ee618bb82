import {
  anything,
  checkShape,
  GUARD_SHAPE,
  type GuardOptions,
  optionError,
  type Shape,
} from "@whodunit/core";
import { Logger } from "../logger.ts";
import { LevelRoute } from "./level-route.ts";

/** The options of the plugins: the logger, and who may use `GET|PUT /debug/level`. */
export interface RequestLogOptions extends GuardOptions {
  /** The service's logger, from `createLogger`. */
  readonly logger: Logger;
}

/** A plugin's checked options. */
export interface PluginParts {
  readonly logger: Logger;
  readonly route: LevelRoute;
}

const SHAPE: Shape<RequestLogOptions> = { logger: anything, ...GUARD_SHAPE };

/** Checks a plugin's options. @throws TypeError when one is wrong */
export function pluginParts(owner: string, options: RequestLogOptions): PluginParts {
  checkShape(owner, options, SHAPE);
  const { logger, ...guard } = options;
  checkLogger(owner, logger);
  return { logger, route: new LevelRoute(owner, logger, guard) };
}

/** @throws TypeError when `logger` is no logger */
export function checkLogger(owner: string, logger: unknown): asserts logger is Logger {
  if (!(logger instanceof Logger)) {
    throw optionError(owner, "logger", logger, "a logger made by createLogger");
  }
}
