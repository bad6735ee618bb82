import {
  addedFastifyOptions,
  OWN_ROUTE_CONFIG,
  observeFastifyRequest,
  ownFastifyOptions,
  sendByFastify,
  watchUnrouted,
} from "@whodunit/core";
import type { FastifyInstance, FastifyPluginAsync, RegisterOptions } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { type DebugOptions, DebugRoutes } from "./http/debug-routes.ts";
import { serve } from "./http/server-span.ts";
import { isSwitchedOff } from "./start/switched-off.ts";

/** Options of {@link tracingPlugin}: who may read `/debug/*`, and whether profiles are taken. */
export type TracingPluginOptions = DebugOptions;

const plugin: FastifyPluginAsync<TracingPluginOptions> = async (app, options) => {
  const routes = new DebugRoutes("tracingPlugin", ownFastifyOptions(options));

  if (isSwitchedOff(process.env)) return;
  app.addHook("onRequest", (request, reply, next) => {
    serve(observeFastifyRequest(request, reply), next);
  });
  app.addHook("onError", (request, reply, error, next) => {
    observeFastifyRequest(request, reply).error = error;
    next();
  });
  watchUnrouted(app, (observed) => serve(observed, () => {}));
  if (routes.enabled) {
    app.register(async (scope) => addRoutes(scope, routes), addedFastifyOptions(options) as RegisterOptions);
  }
};

function addRoutes(app: FastifyInstance, routes: DebugRoutes): void {
  for (const path of routes.paths) {
    // What Fastify has matched counts, not the URL: it may have a prefix.
    app.get(path, { logLevel: "silent", config: OWN_ROUTE_CONFIG }, (request, reply) =>
      sendByFastify(reply, routes.answer(request.raw, path)),
    );
  }
}

/** Fastify 5: a server span and a record of traffic for each request, and `GET /debug/traffic`. */
export const tracingPlugin: FastifyPluginAsync<TracingPluginOptions> = fastifyPlugin(plugin, {
  fastify: "5.x",
  name: "@whodunit/tracing",
});
