/** A service with OpenTelemetry's instrumentation of pino, which adds ids by a mixin and a stream beside ours. */
import { createRequire, registerHooks } from "node:module";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { PinoInstrumentation } from "@opentelemetry/instrumentation-pino";

const [definition] = new PinoInstrumentation().getModuleDefinitions();
const real = createRequire(import.meta.url)("pino");
(globalThis as { instrumentedPino?: unknown }).instrumentedPino = definition?.patch?.(real);

registerHooks({
  resolve: (specifier, context_, next) =>
    specifier === "pino" && context_.parentURL?.includes("/logger/src/") === true
      ? { url: "instrumented:pino", shortCircuit: true }
      : next(specifier, context_),
  load: (url, context_, next) => {
    if (url !== "instrumented:pino") return next(url, context_);
    const source = `const it = globalThis.instrumentedPino;
      export const pino = it; export const { symbols, stdSerializers } = it; export default it;`;
    return { format: "module", source, shortCircuit: true };
  },
});

const { createLogger } = await import("../../src/index.ts");
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const span = trace.wrapSpanContext({
  traceId: "5c522f9b5c522f9b5c522f9b5c522f9b",
  spanId: "17c85417c85417c8",
  traceFlags: 1,
});
const log = createLogger({ service: "web", level: "debug" });
context.with(trace.setSpan(context.active(), span), () => {
  log.error("x", { password: "hunter2" });
  log.pino.error("y", { password: "hunter2" });
});
await log.close();
