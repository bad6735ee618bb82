import type { IncomingMessage } from "node:http";
import {
  addedFastifyOptions,
  checkOptions,
  OWN_ROUTE_CONFIG,
  observeFastifyRequest,
  ownFastifyOptions,
  sendByFastify,
  watchUnrouted,
} from "@whodunit/core";
import * as fastify from "fastify";
import plugin from "fastify-plugin";
import { LEVEL_PATH, type LevelRoute } from "./http/level-route.ts";
import { checkLogger, headerName, pluginParts, type RequestLogOptions } from "./http/plugin-options.ts";
import { enterRequest, REQUEST_ID_HEADER, requestId, takeRequestId } from "./http/request-log.ts";
import { deferredChild } from "./pino/deferred-child.ts";
import type { PinoLogger } from "./pino/pino-logger.ts";

export type { RequestLogOptions } from "./http/plugin-options.ts";

/** What {@link fastifyOptions} gives to Fastify. */
export interface FastifyLogOptions {
  readonly loggerInstance: PinoLogger;
  readonly genReqId: (request: IncomingMessage) => string;
  readonly childLoggerFactory: NonNullable<fastify.FastifyServerOptions["childLoggerFactory"]>;
  readonly logController?: fastify.LogController;
  readonly disableRequestLogging?: boolean;
  readonly requestIdLogLabel?: string;
}

const QUIET = { disableRequestLogging: true, requestIdLogLabel: "RequestID" };

/**
 * Options for `Fastify(…)`: our logger as `app.log` and `request.log`, `request.id` from `x-request-id` or the header named, and
 * Fastify's own two lines a request off. Spread them beside others.
 *
 * @throws TypeError when `logger` is no logger
 */
export function fastifyOptions(
  options: Pick<RequestLogOptions, "logger" | "requestIdHeader">,
): FastifyLogOptions {
  checkOptions("fastifyOptions", options, ["logger", "requestIdHeader"]);
  checkLogger("fastifyOptions", options.logger);
  const header = headerName("fastifyOptions", options.requestIdHeader) ?? REQUEST_ID_HEADER;
  const genReqId = (request: IncomingMessage): string => requestId(request, header);
  const childLoggerFactory: FastifyLogOptions["childLoggerFactory"] = (parent, bindings, given) =>
    deferredChild(parent as PinoLogger, bindings, given);
  const common = { loggerInstance: options.logger.pino, genReqId, childLoggerFactory };
  // Earlier releases of Fastify 5 have no LogController, later ones warn of the options it stands for.
  const { LogController } = fastify as Partial<typeof fastify>;
  return LogController === undefined
    ? { ...common, ...QUIET }
    : { ...common, logController: new LogController(QUIET) };
}

/**
 * Fastify plugin: the request's log context, one line when it ends, and `GET|PUT /debug/level`. Options:
 * `{ logger }`, and `token` or `authorize` for the route.
 */
export const loggerPlugin: fastify.FastifyPluginAsync<RequestLogOptions> = plugin(
  async function loggerPlugin(app: fastify.FastifyInstance, options: RequestLogOptions): Promise<void> {
    const { logger, route, requestIdHeader } = pluginParts("loggerPlugin", ownFastifyOptions(options));
    const ofFastify = app.initialConfig.requestIdHeader;
    const header =
      requestIdHeader ?? (typeof ofFastify === "string" ? ofFastify.toLowerCase() : REQUEST_ID_HEADER);
    app.addHook("onRequest", (request, reply, next) => {
      const observed = observeFastifyRequest(request, reply);
      takeRequestId(request.raw, request.id);
      enterRequest(logger, observed, header, next);
    });
    app.addHook("onError", (request, reply, error, next) => {
      observeFastifyRequest(request, reply).error = error;
      next();
    });
    watchUnrouted(app, (observed) => enterRequest(logger, observed, header, () => {}));
    if (route.enabled) {
      app.register(
        async (scope) => addLevelRoute(scope, route),
        addedFastifyOptions(options) as fastify.RegisterOptions,
      );
    }
  },
  { fastify: "5.x", name: "@whodunit/logger" },
);

function addLevelRoute(app: fastify.FastifyInstance, route: LevelRoute): void {
  app.route({
    method: ["GET", "PUT"],
    url: LEVEL_PATH,
    config: OWN_ROUTE_CONFIG,
    handler: (request, reply) =>
      sendByFastify(
        reply,
        route.answer(request.raw, () => request.body),
      ),
  });
}
