import type { IncomingMessage } from "node:http";
import { observeFastifyRequest } from "@whodunit/core";
import { type FastifyInstance, type FastifyPluginCallback, LogController } from "fastify";
import plugin from "fastify-plugin";
import type { PinoLogger } from "./pino-bridge.ts";
import { loggerOf, type RequestLogOptions } from "./plugin-options.ts";
import { enterRequest, requestId } from "./request-log.ts";

export type { RequestLogOptions } from "./plugin-options.ts";

/** What {@link fastifyOptions} gives to Fastify. */
export interface FastifyLogOptions {
  readonly loggerInstance: PinoLogger;
  readonly genReqId: (request: IncomingMessage) => string;
  readonly logController: LogController;
}

/**
 * Options for `Fastify(…)`: our logger as `app.log` and `request.log`, `request.id` from `x-request-id`, and
 * Fastify's own two lines a request off. Spread them beside others.
 *
 * @throws TypeError when `logger` is no logger
 */
export function fastifyOptions(options: RequestLogOptions): FastifyLogOptions {
  return {
    loggerInstance: loggerOf("fastifyOptions", options).pino,
    genReqId: requestId,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "RequestID" }),
  };
}

/** Fastify plugin: the request's log context, and one line when it ends. Options: `{ logger }`. */
export const loggerPlugin: FastifyPluginCallback<RequestLogOptions> = plugin(
  function loggerPlugin(app: FastifyInstance, options: RequestLogOptions, done: () => void): void {
    const logger = loggerOf("loggerPlugin", options);
    app.addHook("onRequest", (request, reply, next) => {
      enterRequest(logger, observeFastifyRequest(request, reply), next);
    });
    app.addHook("onError", (request, reply, error, next) => {
      observeFastifyRequest(request, reply).error = error;
      next();
    });
    done();
  },
  { fastify: "5.x", name: "@whodunit/logger" },
);
