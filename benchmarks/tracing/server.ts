import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { startTracing } from "@whodunit/tracing";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { answerUsage } from "../lib/http.ts";

// Required, not imported: what is imported the peers' instrumentations do not see.
const load = createRequire(import.meta.url);

// FRAMEWORK: fastify or express; TRACING: none (the framework alone) or ours (OTEL_* say how it samples).
const { FRAMEWORK, TRACING } = process.env;
const ours = TRACING === "ours";
const answer = (id: string): object => ({
  account: id,
  invoices: [{ id: "inv_1", total: 1250, currency: "EUR" }],
  next: null,
});

if (ours) startTracing({ service: "bench" });
if (FRAMEWORK === "fastify") {
  const app = (load("fastify") as typeof import("fastify").default)();
  if (ours) await app.register(tracingPlugin);
  app.get<{ Params: { id: string } }>("/v1/accounts/:id/invoices", (request, reply) => {
    reply.send(answer(request.params.id));
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  answerUsage((app.server.address() as AddressInfo).port);
} else {
  const app = (load("express") as typeof import("express"))();
  if (ours) app.use(tracingMiddleware());
  app.get("/v1/accounts/:id/invoices", (request, response) => {
    response.json(answer(request.params.id));
  });
  const server = app.listen(0, "127.0.0.1", () => answerUsage((server.address() as AddressInfo).port));
}
