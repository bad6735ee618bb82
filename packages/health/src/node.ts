import type { RequestListener } from "node:http";
import { observeRequest } from "@whodunit/core";
import { answered, checkListenerOptions, type HealthListenerOptions } from "./adapter.ts";

export type { HealthListenerOptions } from "./adapter.ts";

/**
 * Serves `/health/*` before a bare `node:http` listener and has the shutdown close its server:
 * `createServer(withHealth(listener, { health }))`.
 *
 * @throws TypeError when `health` is missing
 */
export function withHealth(listener: RequestListener, options: HealthListenerOptions): RequestListener {
  checkListenerOptions("withHealth", options);
  const { health } = options;
  return function whodunitHealth(request, response) {
    observeRequest(request, response);
    if (!answered(health, request, response)) listener(request, response);
  };
}
