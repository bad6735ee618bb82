"use strict";

const { createHealth, trafficProbe } = require("@whodunit/health");
const { healthRouter } = require("@whodunit/health/express");
const { createLogger } = require("@whodunit/logger");
const { loggerMiddleware, observeExpressError } = require("@whodunit/logger/express");
const { startTracing } = require("@whodunit/tracing");
const { tracingMiddleware } = require("@whodunit/tracing/express");
const express = require("express");

const service = "express-4";
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
// Express 4 does not wait for promises: an asynchronous handler hands its error on itself.
app.get("/fail", (_req, _res, next) => {
  setImmediate(() => next(new RangeError("no doughnuts")));
});

// Behind the routes, in front of what answers errors.
app.use(observeExpressError);
app.use((_error, _req, res, _next) => {
  res.status(500).json({ error: "internal" });
});

app.listen(Number(process.env.PORT ?? 8080));
