import * as module from "node:module";

// For `node --import`: as if pino-pretty was not installed. (Our types are older than the function.)
type Next = (specifier: string, context: unknown) => unknown;
type Hooks = { resolve(specifier: string, context: unknown, next: Next): unknown };
const { registerHooks } = module as unknown as { registerHooks(hooks: Hooks): void };

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "pino-pretty") return next(specifier, context);
    throw Object.assign(new Error("Cannot find module 'pino-pretty'"), { code: "MODULE_NOT_FOUND" });
  },
});
