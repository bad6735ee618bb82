import assert from "node:assert/strict";
import { test } from "node:test";
import express from "express";
import Fastify from "fastify";
import { healthRouter } from "../../src/express.ts";
import { healthPlugin } from "../../src/fastify.ts";
import { withHealth } from "../../src/node.ts";
import { listen } from "../helpers/adapters.ts";
import { watch } from "../helpers/watch.ts";

test("Every adapter throws on wrong options, naming the option and what is wanted", async (t) => {
  const { health } = watch(t, {});
  const missing = /option "health" is undefined, want what createHealth\(\) returned/;
  const unknown = /option "path" is unknown, want one of health/;
  assert.throws(() => healthRouter({} as never), { name: "TypeError", message: missing });
  assert.throws(() => healthRouter({ health, path: "/" } as never), { name: "TypeError", message: unknown });
  assert.throws(
    () => healthRouter({ health, server: {} as never }),
    /option "server" is an object, want a server/,
  );
  assert.throws(() => withHealth(() => {}, {} as never), { name: "TypeError", message: missing });
  await assert.rejects(async () => Fastify().register(healthPlugin, {} as never), { message: missing });
  await assert.rejects(async () => Fastify().register(healthPlugin, { health, path: "/" } as never), {
    message: unknown,
  });
});

test("healthPlugin leaves the parsers of the app as they are", async (t) => {
  const { health } = watch(t, {});
  const app = Fastify();
  t.after(() => app.close());
  await app.register(healthPlugin, { health });
  app.post("/", async (request) => request.body);
  const json = await app.inject({ method: "POST", url: "/", payload: { a: 1 } });
  assert.deepEqual(json.json(), { a: 1 });
  const other = await app.inject({
    method: "POST",
    url: "/",
    payload: "x",
    headers: { "content-type": "x/y" },
  });
  assert.equal(other.statusCode, 415);
});

test("healthPlugin writes no request line of Fastify's for health's own routes", async (t) => {
  const { health } = watch(t, {});
  const lines: string[] = [];
  const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
  t.after(() => app.close());
  await app.register(healthPlugin, { health });
  app.get("/", async () => "well");
  await app.inject("/health/status");
  assert.deepEqual(lines, []);
  await app.inject("/");
  assert.equal(lines.length, 2);
});

test("healthPlugin answers whatever Fastify takes for one of health's paths", async (t) => {
  const { health } = watch(t, {});
  const app = Fastify({ routerOptions: { ignoreDuplicateSlashes: true, caseSensitive: false } });
  t.after(() => app.close());
  await app.register(healthPlugin, { health });
  await app.register(async (scope) => scope.register(healthPlugin, { health }), { prefix: "/api" });
  for (const path of [
    ...["/health/li%76e", "//health/live", "/Health/Live", "/health/status/%69nternal"],
    ...["/api/health/live", "/api/health/status/", "/api/health/status/internal?x=1"],
  ]) {
    assert.equal((await app.inject(path)).statusCode, 200, path);
  }
  assert.equal((await app.inject("/api/health/status/nobody")).statusCode, 404);
});

test("What answers before authorize has decided keeps its answer", { timeout: 60_000 }, async (t) => {
  const asked = Promise.withResolvers<void>();
  const decided = Promise.withResolvers<boolean>();
  const { health } = watch(t, {
    authorize: () => {
      asked.resolve();
      return decided.promise;
    },
  });
  const bare = express();
  bare.use((_request, response, next) => {
    void asked.promise.then(() => response.status(503).send("too late"));
    next();
  });
  bare.use(healthRouter({ health }));
  const app = Fastify();
  t.after(() => app.close());
  await app.register(healthPlugin, { health });
  app.addHook("onRequest", async (_request, reply) => {
    void asked.promise.then(() => reply.code(503).send("too late"));
  });
  const addresses = [await listen(t, bare), await app.listen({ port: 0, host: "127.0.0.1" })];
  for (const address of addresses) {
    const response = await fetch(`${address}/health/status`);
    assert.equal(await response.text(), "too late");
  }
  decided.resolve(true);
  // What went wrong in the continuation would have thrown by now.
  await new Promise(setImmediate);
});
