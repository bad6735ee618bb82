import assert from "node:assert/strict";
import { test } from "node:test";
import Fastify from "fastify";
import { healthRouter } from "../src/express.ts";
import { healthPlugin } from "../src/fastify.ts";
import { withHealth } from "../src/node.ts";
import { watch } from "./helpers/watch.ts";

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
