import { checkOptions, type GuardOptions, observeFastifyRequest } from "@whodunit/core";
import type { FastifyPluginCallback } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { DEBUG_PATHS, DebugRoutes } from "./http/debug-routes.ts";
import { serve } from "./http/server-span.ts";
import { isSwitchedOff } from "./start/switched-off.ts";

/** Options of {@link tracingPlugin}: who may read `/debug/traffic`. */
export type TracingPluginOptions = GuardOptions;

const plugin: FastifyPluginCallback<TracingPluginOptions> = (app, options, done) => {
  // Fastify adds keys of its own (`prefix`) to what it hands a plugin.
  const {
    token,
    authorize,
    prefix: _prefix,
    ...rest
  } = options as TracingPluginOptions & { prefix?: string };
  checkOptions("tracingPlugin", rest, ["token", "authorize"]);
  const routes = new DebugRoutes({
    ...(token === undefined ? {} : { token }),
    ...(authorize === undefined ? {} : { authorize }),
  });

  if (isSwitchedOff(process.env)) {
    done();
    return;
  }
  app.addHook("onRequest", (request, reply, next) => {
    serve(observeFastifyRequest(request, reply), next);
  });
  app.addHook("onError", (request, reply, error, next) => {
    observeFastifyRequest(request, reply).error = error;
    next();
  });
  for (const path of routes.enabled ? DEBUG_PATHS : []) {
    app.get(path, { logLevel: "silent" }, async (request, reply) => {
      const { status, headers, body } = await routes.answer(request.raw);
      if (typeof body === "string") return reply.code(status).headers(headers).send(body);
      reply.hijack();
      reply.raw.writeHead(status, headers);
      body(reply.raw);
      return reply;
    });
  }
  done();
};

/** Fastify 5: a server span and a record of traffic for each request, and `GET /debug/traffic`. */
export const tracingPlugin: FastifyPluginCallback<TracingPluginOptions> = fastifyPlugin(plugin, {
  fastify: "5.x",
  name: "@whodunit/tracing",
});
