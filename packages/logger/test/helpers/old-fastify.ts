import { registerHooks } from "node:module";
import Fastify from "fastify50";

const ADAPTER = "../../src/fastify.ts?with=5.0";

// The adapter as it is where Fastify 5.0 is what is installed.
registerHooks({
  resolve(specifier, context, next) {
    const old = specifier === "fastify" && context.parentURL?.endsWith("src/fastify.ts?with=5.0") === true;
    return next(old ? "fastify50" : specifier, context);
  },
});

/** The Fastify plugin's module, run against the first release of Fastify 5. */
export const oldAdapter = (await import(ADAPTER)) as typeof import("../../src/fastify.ts");

/** The first release of Fastify 5. */
export const oldFastify = Fastify as unknown as typeof import("fastify").default;
