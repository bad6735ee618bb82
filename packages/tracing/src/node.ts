import type { IncomingMessage, ServerResponse } from "node:http";
import { observeRequest } from "@whodunit/core";
import { type DebugOptions, DebugRoutes } from "./http/debug-routes.ts";
import { serve } from "./http/server-span.ts";
import { isSwitchedOff } from "./start/switched-off.ts";

export { setError, setRoute } from "@whodunit/core";

/** What `http.createServer` takes. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Bare `node:http`: wraps a listener so that each request gets a server span and a record of traffic, and
 * `GET /debug/traffic` is answered. Name the route with `setRoute(request, response, "/users/:id")`.
 *
 * @throws TypeError when an option is wrong
 */
export function withTracing(listener: RequestListener, options: DebugOptions = {}): RequestListener {
  const routes = new DebugRoutes("withTracing", options);
  if (isSwitchedOff(process.env)) return listener;
  return function tracing(request, response) {
    if (routes.serve(request, response)) return;
    serve(observeRequest(request, response), () => listener(request, response));
  };
}
