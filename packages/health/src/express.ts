import type { ServerResponse } from "node:http";
import { type ExpressRequestLike, observeExpressRequest } from "@whodunit/core";
import { answered, checkListenerOptions, type HealthListenerOptions } from "./adapter.ts";

export type { HealthListenerOptions } from "./adapter.ts";

/** Express middleware, versions 4 and 5, without Express's types. */
export type HealthMiddleware = (
  request: ExpressRequestLike,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Serves `/health/*` on an Express 4 or 5 app and has the shutdown close its server:
 * `app.use(healthRouter({ health }))`, before the routes.
 *
 * @throws TypeError when `health` is missing
 */
export function healthRouter(options: HealthListenerOptions): HealthMiddleware {
  checkListenerOptions("healthRouter", options);
  const { health } = options;
  return function whodunitHealth(request, response, next) {
    observeExpressRequest(request, response);
    if (!answered(health, request, response)) next();
  };
}
