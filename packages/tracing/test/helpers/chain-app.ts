import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import fastifyMultipart from "@fastify/multipart";
import express from "express";
import Fastify from "fastify";
// @ts-expect-error multer brings no types
import multer from "multer";
import { tracingMiddleware } from "../../src/express.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { currentSpan, startTracing, withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";

/**
 * A program as a user writes it: one call, then Fastify, Express and plain http in a row. It answers each request
 * with where the active span was lost; the test starts it from source, as CommonJS and as a bundle.
 */
const lost: string[] = [];
const check = (where: string, spanId: string | undefined): void => {
  if (spanId === undefined || currentSpan()?.context().toSpanId() !== spanId) lost.push(where);
};
const active = (): string | undefined => currentSpan()?.context().toSpanId();

function watch(name: string, request: IncomingMessage, spanId = active()): void {
  for (const event of ["data", "end", "close"])
    request.on(event, () => check(`${name} request ${event}`, spanId));
}

async function main(): Promise<void> {
  const tracing = startTracing({ service: "chain" });

  const plain = createServer(
    withTracing((request, response) => {
      setRoute(request, response, "/plain");
      const spanId = active();
      watch("plain", request);
      response.on("finish", () => check("plain response finish", spanId));
      response.on("close", () => check("plain response close", spanId));
      request.on("end", () => {
        withSpan("work", () => setTimeout(() => response.end("{}"), 1));
      });
      request.resume();
    }),
  ).listen(0, "127.0.0.1");
  await once(plain, "listening");
  const plainPort = (plain.address() as AddressInfo).port;

  const app = express();
  app.use(tracingMiddleware());
  app.post(
    "/upload",
    (_request, _response, next) => next(),
    multer().any(),
    (request, response) => {
      const spanId = active();
      check("express after multipart", spanId);
      response.on("close", () => check("express response close", spanId));
      if ((request as { files?: unknown[] }).files?.length !== 1) lost.push("express file");
      const call = httpRequest({ port: plainPort, host: "127.0.0.1", method: "POST" }, (answer) => {
        check("http response", spanId);
        answer.resume().on("end", () => {
          check("http response end", spanId);
          response.json({});
        });
      });
      call.end(JSON.stringify({ a: 1 }));
    },
  );
  app.post("/json", express.json(), (request, response) => {
    if (request.body.a !== 1 || active() === undefined) lost.push("express json");
    response.json({});
  });
  const expressServer = app.listen(0, "127.0.0.1");
  await once(expressServer, "listening");
  const expressPort = (expressServer.address() as AddressInfo).port;

  const front = Fastify();
  await front.register(tracingPlugin);
  await front.register(fastifyMultipart);
  front.addHook("preHandler", async () => check("fastify preHandler", active()));
  front.post("/votes/:shortcode", async (request) => {
    const spanId = active();
    const form = new FormData();
    form.append("file", new Blob([JSON.stringify(request.body)]), "vote.json");
    const answer = await fetch(`http://127.0.0.1:${expressPort}/upload`, { method: "POST", body: form });
    check("fastify after fetch", spanId);
    await answer.arrayBuffer();
    return { lost };
  });
  front.post("/files", async (request) => {
    const spanId = active();
    const file = await request.file();
    check("fastify multipart file", spanId);
    await file?.toBuffer();
    check("fastify multipart read", spanId);
    await fetch(`http://127.0.0.1:${expressPort}/json`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ a: 1 }),
    });
    return { lost };
  });
  front.get("/lost", async () => ({ lost }));
  await front.listen({ port: 0, host: "127.0.0.1" });
  console.log((front.server.address() as AddressInfo).port);

  process.on("message", async () => {
    await tracing.close();
    process.exit(0);
  });
}

void main();
