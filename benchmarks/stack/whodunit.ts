import { loadFrom } from "../lib/load-from.ts";
import { LISTED, newExpress, newFastify, type SetUp, silent } from "./set-up.ts";

type Core = {
  readonly logger: typeof import("@whodunit/logger");
  readonly health: typeof import("@whodunit/health");
  readonly tracing: typeof import("@whodunit/tracing");
};

/** The three packages, as a checkout has built them: the handler's line, the response line, span, traffic, health. */
export function whodunit(tree: string, recorder: boolean, probes = 1): SetUp {
  const load = loadFrom(tree);
  const start = async () => {
    const { startTracing } = await load<Core["tracing"]>("@whodunit/tracing");
    const { createHealth, trafficProbe } = await load<Core["health"]>("@whodunit/health");
    const tracing = await startTracing({ service: "bench" });
    const logger = await loggerOf(tree, recorder);
    const health = createHealth({
      service: "bench",
      probes: Array.from({ length: probes }, (_, index) =>
        trafficProbe(tracing.traffic, { name: `traffic-${index}`, intervalMs: 1_000 }),
      ),
    });
    const log = logger.child("invoices");
    return {
      logger,
      health,
      log: (_: unknown, fields: Record<string, unknown>) => log.debug(LISTED, fields),
    };
  };
  return {
    fastify: async () => {
      const { logger, health, log } = await start();
      const { fastifyOptions, loggerPlugin } =
        await load<typeof import("@whodunit/logger/fastify")>("@whodunit/logger/fastify");
      const { healthPlugin } =
        await load<typeof import("@whodunit/health/fastify")>("@whodunit/health/fastify");
      const { tracingPlugin } =
        await load<typeof import("@whodunit/tracing/fastify")>("@whodunit/tracing/fastify");
      const app = newFastify(fastifyOptions({ logger }));
      await app.register(tracingPlugin);
      await app.register(loggerPlugin, { logger });
      await app.register(healthPlugin, { health });
      return { app, log };
    },
    express: async () => {
      const { logger, health, log } = await start();
      const { loggerMiddleware } =
        await load<typeof import("@whodunit/logger/express")>("@whodunit/logger/express");
      const { healthRouter } =
        await load<typeof import("@whodunit/health/express")>("@whodunit/health/express");
      const { tracingMiddleware } =
        await load<typeof import("@whodunit/tracing/express")>("@whodunit/tracing/express");
      const app = newExpress();
      app.use(tracingMiddleware(), loggerMiddleware({ logger }), healthRouter({ health }));
      return { app, log };
    },
  };
}

/** The logger's plugin alone, with its response line. */
export function whodunitResponseLine(tree: string): SetUp {
  const load = loadFrom(tree);
  return {
    fastify: async () => {
      const logger = await loggerOf(tree, true);
      const { fastifyOptions, loggerPlugin } =
        await load<typeof import("@whodunit/logger/fastify")>("@whodunit/logger/fastify");
      const app = newFastify(fastifyOptions({ logger }));
      await app.register(loggerPlugin, { logger });
      return { app, log: silent };
    },
    express: async () => {
      const logger = await loggerOf(tree, true);
      const { loggerMiddleware } =
        await load<typeof import("@whodunit/logger/express")>("@whodunit/logger/express");
      const app = newExpress();
      app.use(loggerMiddleware({ logger }));
      return { app, log: silent };
    },
  };
}

/** Its level comes from LOG_LEVEL; its lines go to stdout. */
async function loggerOf(tree: string, recorder: boolean): Promise<import("@whodunit/logger").Logger> {
  const { createLogger } = await loadFrom(tree)<Core["logger"]>("@whodunit/logger");
  return createLogger({ service: "bench", ...(recorder ? {} : { recorder: false }) });
}
