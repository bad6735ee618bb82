import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type ObservedRequest, observeRequest } from "./observed-request.ts";

// Fastify's own, where nothing is said.
const PARAM_MAX_LENGTH = 100;

/** What is needed of a Fastify application. */
export interface FastifyAppLike {
  readonly server: unknown;
  /** What it was made with. */
  readonly initialConfig: {
    /** The longest that a part of a URL may be, in characters. @default 100 */
    readonly maxParamLength?: number;
    /** The router's own options. */
    readonly routerOptions?: {
      /** The same, as later releases have it. */
      readonly maxParamLength?: number;
    };
  };
  /** Has `hook` called before the application closes. */
  addHook(name: "preClose", hook: (done: () => void) => void): unknown;
}

/**
 * Calls `see` at the end of each request that Fastify may have answered itself, before any hook: one whose URL it cannot
 * decode (400) or has too long a part (414), or that comes while it closes (503). Without it these would leave no line, no
 * span and no traffic. Where a hook has seen the request after all, its parts are claimed by then.
 */
export function watchUnrouted(app: FastifyAppLike, see: (observed: ObservedRequest) => void): void {
  const { routerOptions, maxParamLength } = app.initialConfig;
  const longest = routerOptions?.maxParamLength ?? maxParamLength ?? PARAM_MAX_LENGTH;
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  const seeLate = (_end: unknown, observed: ObservedRequest): void => see(observed);
  // Before Fastify's own listener, which answers at once.
  (app.server as Server).prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const { url = "" } = request;
    // Whether the URL can be decoded, and what of it is a part, is for its router to say.
    if (closing || url.length > longest || url.includes("%"))
      observeRequest(request, response).onEnd(seeLate);
  });
}
