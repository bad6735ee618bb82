import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type ObservedRequest, observeRequest } from "./observed-request.ts";

/** What is needed of a Fastify application. */
export interface FastifyAppLike {
  readonly server: unknown;
  addHook(name: "preClose", hook: (done: () => void) => void): unknown;
}

/**
 * Calls `see` at the end of each request that Fastify may have answered itself, before any hook: one whose URL it cannot
 * decode (400), or that comes while it closes (503). Without it these would leave no line, no span and no traffic.
 * Where a hook has seen the request after all, its parts are claimed by then.
 */
export function watchUnrouted(app: FastifyAppLike, see: (observed: ObservedRequest) => void): void {
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  const seeLate = (_end: unknown, observed: ObservedRequest): void => see(observed);
  // Before Fastify's own listener, which answers at once.
  (app.server as Server).prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    // Whether the URL can be decoded is for its router to say.
    if (closing || request.url?.includes("%") === true) observeRequest(request, response).onEnd(seeLate);
  });
}
