import { createServer } from "node:http";
import Router from "@koa/router";
import { createHealth, trafficProbe } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";
import { createLogger } from "@whodunit/logger";
import { setError, setRoute, withLogger } from "@whodunit/logger/node";
import { startTracing } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import Koa from "koa";

const service = "koa";
const { traffic } = startTracing({ service });
const logger = createLogger({ service });
const health = createHealth({ service, probes: [trafficProbe(traffic)] });

const app = new Koa();
// Koa answers errors itself, and tells them here. Without a listener it prints them.
app.on("error", (error, ctx) => {
  if (ctx !== undefined) setError(ctx.req, ctx.res, error);
});
app.use(async (ctx, next) => {
  try {
    await next();
  } finally {
    if (ctx._matchedRoute !== undefined) setRoute(ctx.req, ctx.res, ctx._matchedRoute);
  }
});

const router = new Router();
router.get("/hello/:name", (ctx) => {
  logger.debug("hello", { name: ctx.params.name });
  ctx.body = `Hello ${ctx.params.name}\n`;
});
router.get("/fail", async () => {
  throw new RangeError("no doughnuts");
});
app.use(router.routes());

const listener = withTracing(withLogger(withHealth(app.callback(), { health }), { logger }));
createServer(listener).listen(Number(process.env.PORT ?? 8080));
