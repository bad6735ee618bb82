import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type * as ExpressModule from "express";
import type * as FastifyModule from "fastify";
import type * as PinoModule from "pino";
import { LISTED, newExpress, newFastify, requireOfTree, type SetUp, silent } from "./set-up.ts";

const require = createRequire(import.meta.url);
// Its defaults: JSON to stdout, a write a line.
const pino = (options: object): PinoModule.Logger =>
  (require("pino") as typeof PinoModule).pino({ level: "info", ...options });

const REDACT = ["headers.authorization", "headers.cookie", "user.email", "user.password", "user.token"];
const REDACT_HTTP = [
  "req.headers.authorization",
  "req.headers.cookie",
  'res.headers["set-cookie"]',
  ...REDACT,
];

// Fastify's own two lines a request off, as in the set-up of ours.
const noLinesOfItsOwn = (): FastifyModule.LogController =>
  new (requireOfTree("fastify") as typeof FastifyModule).LogController({ disableRequestLogging: true });

/** The framework alone. */
export const bare: SetUp = {
  fastify: () => ({ app: newFastify(), log: silent }),
  express: () => ({ app: newExpress(), log: silent }),
};

/** pino writing the same lines, unredacted. */
export function pinoLines(lines: "both" | "response", options: object = {}): SetUp {
  return {
    fastify: () => {
      const app = newFastify({ loggerInstance: pino(options), logController: noLinesOfItsOwn() });
      app.addHook("onResponse", (request, reply, done) => {
        const { method, routeOptions } = request;
        const { statusCode: status, elapsedTime: duration } = reply;
        request.log.info({ method, route: routeOptions.url, status, duration }, "response");
        done();
      });
      return {
        app,
        log: lines === "both" ? (request, fields) => request.log.info(fields, LISTED) : silent,
      };
    },
    express: () => {
      const root = pino(options);
      const app = newExpress();
      app.use((request, response, next) => {
        const start = performance.now();
        const log = root.child({ RequestID: randomUUID() });
        Object.assign(request, { log });
        response.on("finish", () => {
          const { method, route } = request;
          const duration = performance.now() - start;
          log.info({ method, route: route?.path, status: response.statusCode, duration }, "response");
        });
        next();
      });
      return { app, log: lines === "both" ? logOnRequest : silent };
    },
  };
}

/** What teams put together: pino with a redact list, or pino-http, and a health route; NodeSDK is preloaded. */
export function assembled(peers: string): SetUp {
  const ofPeers = createRequire(`${peers}/package.json`);
  return {
    fastify: async () => {
      const service = await pinoLines("both", { redact: REDACT }).fastify();
      await service.app.register(ofPeers("@fastify/under-pressure"), {
        maxEventLoopDelay: 10_000,
        exposeStatusRoute: "/health/status",
        healthCheck: async () => true,
        healthCheckInterval: 5_000,
      });
      return service;
    },
    express: () => {
      const app = newExpress();
      app.use(require("pino-http")({ redact: REDACT_HTTP, genReqId: () => randomUUID() }));
      const { createTerminus } = ofPeers("@godaddy/terminus");
      return {
        app,
        log: logOnRequest,
        wrap: (server) =>
          createTerminus(server, {
            healthChecks: { "/health/status": async () => ({ ok: true }) },
            signals: [],
          }),
      };
    },
  };
}

const logOnRequest = (request: ExpressModule.Request, fields: Record<string, unknown>): void =>
  (request as unknown as { log: PinoModule.Logger }).log.info(fields, LISTED);
