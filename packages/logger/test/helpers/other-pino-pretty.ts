import * as module from "node:module";
import { pathToFileURL } from "node:url";

// For `node --import`: the file in PINO_PRETTY is pino-pretty; without it, pino-pretty is not installed.
type Next = (specifier: string, context: unknown) => unknown;
type Hooks = { resolve(specifier: string, context: unknown, next: Next): unknown };
const { registerHooks } = module as unknown as { registerHooks(hooks: Hooks): void };
const { PINO_PRETTY } = process.env;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "pino-pretty") return next(specifier, context);
    if (PINO_PRETTY) return { url: pathToFileURL(PINO_PRETTY).href, format: "commonjs", shortCircuit: true };
    throw Object.assign(new Error("Cannot find module 'pino-pretty'"), { code: "MODULE_NOT_FOUND" });
  },
});
