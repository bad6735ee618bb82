import type { AddressInfo } from "node:net";
import { createHealth } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { healthPlugin } from "@whodunit/health/fastify";
import express from "express";
import Fastify from "fastify";
import { answerUsage } from "../lib/http.ts";

// FRAMEWORK: fastify or express; HEALTH: none (a bare route that returns a ready buffer) or ours. Ten probes.
const { FRAMEWORK, HEALTH } = process.env;
const names = Array.from({ length: 10 }, (_, index) => `dependency-${index}`);
const probes = names.map((name) => ({ name, intervalMs: 1_000, check: async () => {} }));
const ready = Buffer.from(
  JSON.stringify(names.map((Name) => ({ Name, Status: "OK", StatusTime: new Date().toISOString() }))),
);

if (FRAMEWORK === "fastify") {
  const app = Fastify();
  if (HEALTH === "ours")
    await app.register(healthPlugin, { health: createHealth({ service: "bench", probes }) });
  else
    app.get("/health/status", (_request, reply) => reply.type("application/json; charset=utf-8").send(ready));
  await app.listen({ port: 0, host: "127.0.0.1" });
  answerUsage((app.server.address() as AddressInfo).port);
} else {
  const app = express();
  if (HEALTH === "ours") app.use(healthRouter({ health: createHealth({ service: "bench", probes }) }));
  else app.get("/health/status", (_request, response) => void response.type("json").send(ready));
  const server = app.listen(0, "127.0.0.1", () => answerUsage((server.address() as AddressInfo).port));
}
