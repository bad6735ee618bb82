import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createHealth, trafficProbe } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";
import { createLogger } from "@whodunit/logger";
import { setError, setRoute, withLogger } from "@whodunit/logger/node";
import { startTracing } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import { Hono } from "hono";
import { matchedRoutes } from "hono/route";

const service = "hono";
const { traffic } = startTracing({ service });
const logger = createLogger({ service });
const health = createHealth({ service, probes: [trafficProbe(traffic)] });

const app = new Hono();
app.use(async (c, next) => {
  await next();
  // The last that matched is the handler's; alone, it is this middleware's.
  const { path } = matchedRoutes(c).at(-1);
  if (path !== "/*") setRoute(c.env.incoming, c.env.outgoing, path);
});
app.onError((error, c) => {
  setError(c.env.incoming, c.env.outgoing, error);
  return c.text("Internal Server Error", 500);
});

app.get("/hello/:name", (c) => {
  const name = c.req.param("name");
  logger.debug("hello", { name });
  return c.text(`Hello ${name}\n`);
});
app.get("/fail", async () => {
  throw new RangeError("no doughnuts");
});

const listener = withTracing(withLogger(withHealth(getRequestListener(app.fetch), { health }), { logger }));
createServer(listener).listen(Number(process.env.PORT ?? 8080));
