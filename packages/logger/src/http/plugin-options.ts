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
  /**
   * The header that a request's id comes in and goes back in. Where a framework or middleware has given the request an
   * id (`request.id`), that one counts. @default "x-request-id", on Fastify its own `requestIdHeader`
   */
  readonly requestIdHeader?: string;
}

/** A plugin's checked options. */
export interface PluginParts {
  readonly logger: Logger;
  readonly route: LevelRoute;
  /** In lower case; undefined where none was named. */
  readonly requestIdHeader: string | undefined;
}

// RFC 9110, section 5.1: a field name is a token.
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
const SHAPE: Shape<RequestLogOptions> = { logger: anything, requestIdHeader: anything, ...GUARD_SHAPE };

/** Checks a plugin's options. @throws TypeError when one is wrong */
export function pluginParts(owner: string, options: RequestLogOptions): PluginParts {
  checkShape(owner, options, SHAPE);
  const { logger, requestIdHeader, ...guard } = options;
  checkLogger(owner, logger);
  return {
    logger,
    route: new LevelRoute(owner, logger, guard),
    requestIdHeader: headerName(owner, requestIdHeader),
  };
}

/** A header's name in lower case. @throws TypeError when it is none */
export function headerName(owner: string, name: unknown): string | undefined {
  if (name === undefined) return undefined;
  if (typeof name === "string" && FIELD_NAME.test(name)) return name.toLowerCase();
  throw optionError(owner, "requestIdHeader", name, "a header's name");
}

/** @throws TypeError when `logger` is no logger */
export function checkLogger(owner: string, logger: unknown): asserts logger is Logger {
  if (!(logger instanceof Logger)) {
    throw optionError(owner, "logger", logger, "a logger made by createLogger");
  }
}
