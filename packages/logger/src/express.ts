import type { ServerResponse } from "node:http";
import { type ExpressRequestLike, observeExpressRequest } from "@whodunit/core";
import { pluginParts, type RequestLogOptions } from "./http/plugin-options.ts";
import { enterRequest, REQUEST_ID_HEADER } from "./http/request-log.ts";
import { giveLog } from "./http/request-logger.ts";
import type { PinoLogger } from "./pino/pino-logger.ts";

export { observeExpressError } from "@whodunit/core";
export type { RequestLogOptions } from "./http/plugin-options.ts";

declare global {
  // Express 4 and 5 have their request types extended there.
  namespace Express {
    interface Request {
      /** The service's logger with the request's id; its methods take `(name, fields)` too. */
      log: PinoLogger;
    }
  }
}

/** What is needed of Express: structural, so that versions 4 and 5 both fit. */
export type ExpressMiddleware = (
  request: ExpressRequestLike,
  response: ServerResponse,
  next: () => void,
) => void;

/**
 * Express middleware: `req.log`, the request's log context, one line when it ends, and `GET|PUT /debug/level`. Register it
 * before body parsers, and `observeExpressError` after the routes, so that a failed request's line has its error.
 *
 * @throws TypeError when `logger` is no logger
 */
export function loggerMiddleware(options: RequestLogOptions): ExpressMiddleware {
  const { logger, route, requestIdHeader = REQUEST_ID_HEADER } = pluginParts("loggerMiddleware", options);
  return function loggerMiddleware(request, response, next) {
    if (route.serve(request, response)) return;
    const observed = observeExpressRequest(request, response);
    giveLog(request, logger);
    enterRequest(logger, observed, requestIdHeader, next);
  };
}
