import {
  type Answer,
  addedFastifyOptions,
  anything,
  checkShape,
  OWN_ROUTE_CONFIG,
  observeFastifyRequest,
  optionError,
  ownFastifyOptions,
  type Shape,
  sendByFastify,
} from "@whodunit/core";
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest, RegisterOptions } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { adoptServerOf } from "./adapter.ts";
import type { Health } from "./health.ts";
import { HEALTH_PATHS } from "./http/routes.ts";

/** What {@link healthPlugin} takes. */
export interface HealthPluginOptions {
  readonly health: Health;
}

const SHAPE: Shape<HealthPluginOptions> = { health: anything };

const GROUP_PATH = "/health/status/:group";

const register: FastifyPluginAsync<HealthPluginOptions> = async (app, options) => {
  checkShape("healthPlugin", ownFastifyOptions(options), SHAPE);
  const { health } = options;
  if (typeof health?.answer !== "function") {
    throw optionError("healthPlugin", "health", health, "what createHealth() returned");
  }
  // Counts what is in flight, for /health/ready.
  app.addHook("onRequest", (request, reply, next) => {
    // On "localhost" Fastify may listen with more than app.server: one for each family of addresses.
    adoptServerOf(health, request.raw);
    observeFastifyRequest(request, reply);
    next();
  });
  health.adoptServer(app.server, async () => app.close());
  app.register(async (scope) => addRoutes(scope, health), addedFastifyOptions(options) as RegisterOptions);
};

/**
 * Serves `/health/*` on a Fastify 5 app and has the shutdown close it: `app.register(healthPlugin, { health })`.
 *
 * Rejects with a TypeError when `health` is missing.
 */
export const healthPlugin: FastifyPluginAsync<HealthPluginOptions> = fastifyPlugin(register, {
  fastify: "5.x",
  name: "@whodunit/health",
});

function addRoutes(app: FastifyInstance, health: Health): void {
  // Whatever is sent with a request to these routes is left unread: a wrong method is 405, not 415 or 400.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  const { ignoreTrailingSlash } = app.initialConfig.routerOptions ?? app.initialConfig;
  for (const path of [...HEALTH_PATHS, GROUP_PATH]) {
    for (const url of ignoreTrailingSlash ? [path] : [path, `${path}/`]) {
      app.route({
        method: app.supportedMethods,
        url,
        exposeHeadRoute: false,
        logLevel: "silent",
        config: OWN_ROUTE_CONFIG,
        // Fastify decodes paths, and may prefix them: what it has matched counts, not the URL.
        handler: (request, reply) =>
          sendByFastify(
            reply,
            health.answer(request.raw, pathFrom(path, request)) as Answer | Promise<Answer>,
          ),
      });
    }
  }
}

function pathFrom(path: string, request: FastifyRequest): string {
  return path === GROUP_PATH ? path.replace(":group", (request.params as { group: string }).group) : path;
}
