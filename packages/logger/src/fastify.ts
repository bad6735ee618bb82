import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import {
  addedFastifyOptions,
  checkShape,
  OWN_ROUTE_CONFIG,
  observeFastifyRequest,
  ownFastifyOptions,
  type Shape,
  sendByFastify,
  watchUnrouted,
} from "@whodunit/core";
import * as fastify from "fastify";
import plugin from "fastify-plugin";
import { LEVEL_PATH, type LevelRoute } from "./http/level-route.ts";
import { headerName, pluginParts, type RequestLogOptions, requiredLogger } from "./http/plugin-options.ts";
import {
  enterRequest,
  isRequestId,
  REQUEST_ID_HEADER,
  requestId,
  takeRequestId,
} from "./http/request-log.ts";
import { loadedFiles } from "./optional-package.ts";
import { deferredChild } from "./pino/deferred-child.ts";
import type { PinoLogger } from "./pino/pino-logger.ts";

export type { RequestLogOptions } from "./http/plugin-options.ts";

declare module "pino" {
  // Of this type are the methods of `request.log`, which a handler anywhere knows as Fastify declares it.
  interface LogFn {
    /** A named line with fields, or with what went wrong. */
    // biome-ignore lint/style/useShorthandFunctionType: an overload beside those of pino
    (name: string, fields: object): void;
  }
}

/** What {@link fastifyOptions} gives to Fastify. */
export interface FastifyLogOptions {
  /** `logger.pino`, under the type that an application of Fastify has when nothing is said of its logger. */
  readonly loggerInstance: fastify.FastifyBaseLogger;
  /** The id of a request: its header's, or one made. */
  readonly genReqId: (request: IncomingMessage | Http2ServerRequest) => string;
  /** Makes the logger of a request only when it is used. */
  readonly childLoggerFactory: (
    parent: fastify.FastifyBaseLogger,
    bindings: object,
    options: { readonly level?: string },
    request: IncomingMessage | Http2ServerRequest,
  ) => fastify.FastifyBaseLogger;
  readonly logController?: fastify.LogController;
  readonly disableRequestLogging?: boolean;
  readonly requestIdLogLabel?: string;
}

const SHAPE = { logger: requiredLogger, requestIdHeader: headerName } satisfies Shape<
  Pick<RequestLogOptions, "logger" | "requestIdHeader">
>;
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
  checkShape("fastifyOptions", options, SHAPE);
  const header = options.requestIdHeader?.toLowerCase() ?? REQUEST_ID_HEADER;
  const genReqId: FastifyLogOptions["genReqId"] = (request) => requestId(request, header);
  const childLoggerFactory: FastifyLogOptions["childLoggerFactory"] = (parent, bindings, given, request) =>
    deferredChild(parent as PinoLogger, withFitId(bindings, request, header), given);
  const common = { loggerInstance: options.logger.pino, genReqId, childLoggerFactory };
  // Earlier releases of Fastify 5 have no LogController, later ones warn of the options it stands for. Each copy of
  // Fastify takes one of its own class alone: where several are loaded, any of them may be given these options.
  const { LogController } = fastify as Partial<typeof fastify>;
  return LogController === undefined || copiesLoaded() > 1
    ? { ...common, ...QUIET }
    : { ...common, logController: new LogController(QUIET) };
}

/** Fastify takes any id, however long: what is none for our lines is none for its own, which would hold another. */
function withFitId<Bindings extends object>(
  bindings: Bindings,
  request: IncomingMessage | Http2ServerRequest,
  header: string,
): Bindings {
  for (const [label, id] of Object.entries(bindings)) {
    if (!isRequestId(id)) return { ...bindings, [label]: requestId(request, header) };
  }
  return bindings;
}

function copiesLoaded(): number {
  return loadedFiles().filter((file) => /[\\/]fastify[\\/]fastify\.js$/.test(file)).length;
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
