import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { observeRequest } from "@whodunit/core";
import { pluginParts, type RequestLogOptions } from "./http/plugin-options.ts";
import { enterRequest, REQUEST_ID_HEADER } from "./http/request-log.ts";

export { setError, setRoute } from "@whodunit/core";
export type { RequestLogOptions } from "./http/plugin-options.ts";

/**
 * Wraps a listener of `http.createServer`: the request's log context, one line when it ends, and
 * `GET|PUT /debug/level`. Name the route with `setRoute(req, res, "/users/:id")`.
 *
 * @throws TypeError when `logger` is no logger
 */
export function withLogger(listener: RequestListener, options: RequestLogOptions): RequestListener {
  const { logger, route, requestIdHeader = REQUEST_ID_HEADER } = pluginParts("withLogger", options);
  return function logged(
    request: IncomingMessage,
    response: ServerResponse & { req: IncomingMessage },
  ): void {
    if (route.serve(request, response)) return;
    const observed = observeRequest(request, response);
    enterRequest(logger, observed, requestIdHeader, () => {
      try {
        listener(request, response);
      } catch (error) {
        observed.error = error;
        throw error;
      }
    });
  };
}
