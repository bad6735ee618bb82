import { createRequire } from "node:module";
import { createLogger, defineEvents } from "../../src/index.ts";

// Says which of the packages that are loaded only when needed were loaded, and by what.
const { cache } = createRequire(import.meta.url);
const isLoaded = (name: string) => Object.keys(cache).some((file) => file.includes(`/node_modules/${name}/`));
const loaded = () => ["ajv", "pino-pretty"].filter(isLoaded);

const logger = createLogger({ service: "brkr" });
logger.error("started");
const withoutCatalogue = loaded();
const events = defineEvents({
  fail: { level: "error", description: "It failed.", fields: { id: { type: "string" } } },
});
logger.withEvents(events).error("fail", { id: "a" });
process.stderr.write(JSON.stringify({ withoutCatalogue, withCatalogue: loaded() }));
