import { createHealth, trafficProbe } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware, observeExpressError } from "@whodunit/logger/express";
import { startTracing } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import express from "express";

const service = "express";
const { traffic } = startTracing({ service });
const logger = createLogger({ service });
const health = createHealth({ service, probes: [trafficProbe(traffic)] });

const app = express();
app.use(tracingMiddleware());
app.use(loggerMiddleware({ logger }));
app.use(healthRouter({ health }));

app.get("/hello/:name", (req, res) => {
  req.log.debug("hello", { name: req.params.name });
  res.send(`Hello ${req.params.name}\n`);
});
app.get("/fail", async () => {
  throw new RangeError("no doughnuts");
});

// Behind the routes, in front of what answers errors.
app.use(observeExpressError);
app.use((_error, _req, res, _next) => {
  res.status(500).json({ error: "internal" });
});

app.listen(Number(process.env.PORT ?? 8080));
