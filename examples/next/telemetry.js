import { AsyncLocalStorage } from "node:async_hooks";
import { createHealth, trafficProbe } from "@whodunit/health";
import { createLogger } from "@whodunit/logger";
import { startTracing } from "@whodunit/tracing";
import { setRoute } from "@whodunit/tracing/node";

const service = "next";

// Next makes a copy of this file for each of its parts, and server.js has it as it is: the process has one of each.
const own = Symbol.for("next-example.telemetry");
globalThis[own] ??= start();

/** @type {ReturnType<typeof start>} */
export const { health, inRequest, logger } = globalThis[own];

function start() {
  /** The request that is being answered, for what Next tells without it. */
  const inRequest = new AsyncLocalStorage();
  // Next's own spans say which route it has found.
  const routes = {
    onStart({ attributes }) {
      const at = inRequest.getStore();
      const route = attributes["next.route"];
      if (at !== undefined && route !== undefined) setRoute(at.req, at.res, asPattern(route));
    },
    onEnd() {},
    async forceFlush() {},
    async shutdown() {},
  };
  const { traffic } = startTracing({ service, processors: [routes] });
  const logger = createLogger({ service });
  const health = createHealth({ service, probes: [trafficProbe(traffic)] });
  return { health, inRequest, logger };
}

/** `/hello/[name]/route` as `/hello/:name`. */
function asPattern(route) {
  return route.replace(/\/(?:route|page)$/, "").replaceAll(/\[\[?(?:\.{3})?(\w+)\]\]?/g, ":$1");
}
