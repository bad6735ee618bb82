import type { Server } from "node:http";
import { createRequire } from "node:module";
import type * as ExpressModule from "express";
import type * as FastifyModule from "fastify";

/** What a service is made of, on either framework. */
export interface SetUp {
  readonly fastify: () => FastifyService | Promise<FastifyService>;
  readonly express: () => ExpressService | Promise<ExpressService>;
}

type Fields = Record<string, unknown>;

export interface FastifyService {
  readonly app: FastifyModule.FastifyInstance;
  /** Writes the handler's line. */
  readonly log: (request: FastifyModule.FastifyRequest, fields: Fields) => void;
}

export interface ExpressService {
  readonly app: ExpressModule.Express;
  readonly log: (request: ExpressModule.Request, fields: Fields) => void;
  /** Runs once the server listens. */
  readonly wrap?: (server: Server) => void;
}

/** The name, or the text, of the handler's line. */
export const LISTED = "invoices-listed";

/** No line. */
export const silent = (): void => {};

// Required, not imported: what is imported the peers' instrumentations do not see. From the checkout that is measured,
// whose packages have to find the same Fastify.
export const requireOfTree: NodeJS.Require = createRequire(
  `${process.env.TREE}/packages/logger/package.json`,
);

/** The framework's application. */
export function newFastify(options: object = {}): FastifyModule.FastifyInstance {
  return (requireOfTree("fastify") as typeof FastifyModule).fastify(options);
}

/** The framework's application. */
export function newExpress(): ExpressModule.Express {
  return (requireOfTree("express") as typeof ExpressModule.default)();
}
