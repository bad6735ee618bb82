import type { IncomingMessage, ServerResponse } from "node:http";
import { checkOptions, type GuardOptions } from "@whodunit/core";
import { DebugRoutes } from "./http/debug-routes.ts";

/** Answers the admin routes on Node's own request and response; false when the request is for no such route. */
export function createNodeRoutes(
  owner: string,
  options: GuardOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  checkOptions(owner, options, ["token", "authorize"]);
  const routes = new DebugRoutes(options);
  return (request, response) => {
    if (!routes.matches(request)) return false;
    void routes.answer(request).then(({ status, headers, body }) => {
      response.writeHead(status, headers);
      if (typeof body === "string") response.end(body);
      else body(response);
    });
    return true;
  };
}
