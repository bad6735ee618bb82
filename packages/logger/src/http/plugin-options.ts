import {
  type Check,
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
/** A {@link Check}: the service's logger, which may not be missing. */
export const requiredLogger: Check = (owner, option, value) => {
  if (!(value instanceof Logger)) throw optionError(owner, option, value, "a logger made by createLogger");
};

/** A {@link Check}: a header's name. */
export const headerName: Check = (owner, option, value) => {
  if (value === undefined || (typeof value === "string" && FIELD_NAME.test(value))) return;
  throw optionError(owner, option, value, "a header's name");
};

const SHAPE: Shape<RequestLogOptions> = {
  logger: requiredLogger,
  requestIdHeader: headerName,
  ...GUARD_SHAPE,
};

/** Checks a plugin's options. @throws TypeError when one is wrong */
export function pluginParts(owner: string, options: RequestLogOptions): PluginParts {
  checkShape(owner, options, SHAPE);
  const { logger, requestIdHeader, ...guard } = options;
  return {
    logger,
    route: new LevelRoute(owner, logger, guard),
    requestIdHeader: requestIdHeader?.toLowerCase(),
  };
}
