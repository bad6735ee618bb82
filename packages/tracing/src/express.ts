import type { ServerResponse } from "node:http";
import { type ExpressRequestLike, observeExpressRequest } from "@whodunit/core";
import { type DebugOptions, DebugRoutes } from "./http/debug-routes.ts";
import { serve } from "./http/server-span.ts";
import { isSwitchedOff } from "./start/switched-off.ts";

export { observeExpressError } from "@whodunit/core";

/** An Express middleware, by what it needs of Express 4 and 5. */
export type TracingMiddleware = (
  request: ExpressRequestLike,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Express 4 and 5: a server span and a record of traffic for each request, and `GET /debug/traffic`. Put it
 * before the routes: `app.use(tracingMiddleware())`.
 *
 * @throws TypeError when an option is wrong
 */
export function tracingMiddleware(options: DebugOptions = {}): TracingMiddleware {
  const routes = new DebugRoutes("tracingMiddleware", options);
  if (isSwitchedOff(process.env)) return (_request, _response, next) => next();
  return function tracing(request, response, next) {
    if (routes.serve(request, response)) return;
    serve(observeExpressRequest(request, response), next);
  };
}
