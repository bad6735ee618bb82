import { checkOptions, isQuietPath, observeFastifyRequest, optionError } from "@whodunit/core";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { adoptServerOf } from "./adapter.ts";
import type { HealthAnswer } from "./answer.ts";
import type { Health } from "./health.ts";
import { HEALTH_PATHS } from "./http/routes.ts";

/** What {@link healthPlugin} takes. */
export interface HealthPluginOptions {
  readonly health: Health;
}

const GROUP_PATH = "/health/status/:group";

const register: FastifyPluginAsync<HealthPluginOptions> = async (app, options) => {
  checkOptions("healthPlugin", options, ["health"]);
  const { health } = options;
  if (typeof health?.answer !== "function") {
    throw optionError("healthPlugin", "health", health, "what createHealth() returned");
  }
  // Counts what is in flight, for /health/ready.
  app.addHook("onRequest", (request, reply, next) => {
    // On "localhost" Fastify may listen with more than app.server: one for each family of addresses.
    adoptServerOf(health, request.raw);
    if (!isQuietPath(request.raw.url ?? "")) observeFastifyRequest(request, reply);
    next();
  });
  health.adoptServer(app.server, async () => app.close());
  app.register(async (scope) => addRoutes(scope, health));
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
        // Fastify decodes paths, and may prefix them: what it has matched counts, not the URL.
        handler: (request, reply) => answer(health, request, reply, pathFrom(path, request)),
      });
    }
  }
}

function pathFrom(path: string, request: FastifyRequest): string {
  return path === GROUP_PATH ? path.replace(":group", (request.params as { group: string }).group) : path;
}

function answer(
  health: Health,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
): FastifyReply | Promise<FastifyReply> {
  const ready = health.answer(request.raw, path) as HealthAnswer | Promise<HealthAnswer>;
  return ready instanceof Promise ? ready.then((late) => send(reply, late)) : send(reply, ready);
}

const send = (reply: FastifyReply, { status, headers, body }: HealthAnswer): FastifyReply =>
  reply.sent ? reply : reply.code(status).headers(headers).send(body);
