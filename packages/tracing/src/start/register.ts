import { createRequire, register } from "node:module";

/*
 * For `node --import @whodunit/tracing/register`: lets OpenTelemetry's instrumentations patch ES modules, and what ES
 * modules import, although a service imports them before it starts tracing.
 */
const require = createRequire(import.meta.resolve("@opentelemetry/instrumentation"));

interface SyncHooks {
  supportsSyncHooks(): boolean;
  register(): void;
}

// By the copy that the instrumentations use.
const hooks: SyncHooks = require("import-in-the-middle/register-hooks.mjs");
if (hooks.supportsSyncHooks()) hooks.register();
// Node before 22.22.3 and 24.11.1.
else register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);
