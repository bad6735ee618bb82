/**
 * A service whose pino is instrumented as Datadog does it: `asJson` of each new instance is wrapped as an own
 * property. The argument says where the ids go: `fields` (a proxy around the object) or `text` (into the line).
 */
import { createRequire, registerHooks } from "node:module";

const [style] = process.argv.slice(2);
const real = createRequire(import.meta.url)("pino");
const ids = { trace_id: "123", span_id: "456" };
const { asJsonSym } = real.symbols;

type AsJson = (this: object, object: object, ...rest: unknown[]) => string;

const wrap = (asJson: AsJson): AsJson =>
  function (object, ...rest) {
    for (const value of Object.values(object)) if (value === "hunter2") throw new Error("saw a secret");
    if (style === "fields") return asJson.call(this, { ...object, dd: ids }, ...rest);
    const line = asJson.call(this, object, ...rest);
    return `${line.slice(0, -2)},"dd":${JSON.stringify(ids)}}\n`;
  };

const instrumented = Object.assign((...args: unknown[]) => {
  const instance = real(...args);
  Object.defineProperty(instance, asJsonSym, {
    configurable: true,
    writable: true,
    value: wrap(instance[asJsonSym]),
  });
  return instance;
}, real);
instrumented.pino = instrumented;
(globalThis as { instrumentedPino?: unknown }).instrumentedPino = instrumented;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "pino" && context.parentURL?.includes("/logger/src/") === true
      ? { url: "instrumented:pino", shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) => {
    if (url !== "instrumented:pino") return next(url, context);
    const source = `const it = globalThis.instrumentedPino;
      export const pino = it; export const { symbols, stdSerializers } = it; export default it;`;
    return { format: "module", source, shortCircuit: true };
  },
});

const { createLogger } = await import("../../src/index.ts");
const log = createLogger({ service: "web", level: "debug" });
log.error("x", { password: "hunter2" });
log.child("a", { password: "hunter2" }).debug("y");
log.pino.info("z", { password: "hunter2" });
await log.close();
