import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:http2";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { fastifyOptions, loggerPlugin } from "../../src/fastify.ts";
import { captureLogs } from "../../src/testing.ts";

const ID = "17c854";

test("fastifyOptions gives an application over HTTP/2 the logger and the request's id, and its types fit", async (t) => {
  const log = captureLogs({ service: "web" });
  const { logger } = log;
  const app = Fastify({ http2: true, ...fastifyOptions({ logger }) });
  app.get("/", async (request) => {
    request.log.error("fail-redeem", { AccountID: "a1" });
    return request.id;
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  t.after(() => app.close());
  const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  t.after(() => client.destroy());
  const stream = client.request({ ":path": "/", "x-request-id": ID });
  let body = "";
  stream.setEncoding("utf8").on("data", (chunk) => {
    body += chunk;
  });
  await once(stream, "end");
  assert.equal(body, ID);
  await logger.flush();
  assert.deepEqual(
    log.lines.flatMap(({ msg, AccountID }) => (msg === "web-unnamed" ? [] : [[msg, AccountID]])),
    [["web-fail-redeem", "a1"]],
  );
});

test("an application made with fastifyOptions is a FastifyInstance to functions that take one, and their requests log names and fields", async (t) => {
  const log = captureLogs({ service: "web" });
  const { logger } = log;
  const app: FastifyInstance = Fastify(fastifyOptions({ logger }));
  t.after(() => app.close());
  addRoute(app);
  await app.inject("/");
  await logger.flush();
  assert.deepEqual(
    log.lines.map(({ msg, AccountID, err }) => [msg, AccountID ?? (err as { message: string }).message]),
    [
      ["web-fail-redeem", "a1"],
      ["web-fail-pay", "no stock"],
    ],
  );
});

/** As in a file of routes, which knows nothing of the logger. */
function addRoute(app: FastifyInstance): void {
  app.get("/", async ({ log }: FastifyRequest) => {
    log.error("fail-redeem", { AccountID: "a1" });
    log.error("fail-pay", new Error("no stock"));
    return "ok";
  });
}

/** Another copy of the Fastify that is installed, as a framework brings one of its own. */
function secondFastify(t: TestContext): typeof Fastify {
  const installed = dirname(fileURLToPath(import.meta.resolve("fastify")));
  // Inside the tree, so that what it needs is found.
  const cache = join(installed, "../.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "second-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(installed, join(folder, "fastify"), {
    recursive: true,
    filter: (path) => !/fastify[\\/](?:test|docs|types)$/.test(path),
  });
  return createRequire(import.meta.url)(join(folder, "fastify"));
}

test("fastifyOptions is taken by each of two copies of Fastify in one process where both are loaded; their own lines stay off (A11)", async (t) => {
  const second = secondFastify(t);
  assert.notEqual(second, Fastify);
  for (const copy of [Fastify, second]) {
    const log = captureLogs({ service: "web" });
    const { logger } = log;
    const app = copy(fastifyOptions({ logger }));
    t.after(() => app.close());
    await app.register(loggerPlugin, { logger });
    app.get("/", async (request) => request.id);
    const answer = await app.inject({ url: "/", headers: { "x-request-id": ID } });
    assert.equal(answer.body, ID);
    await logger.flush();
    assert.deepEqual(
      log.lines.map(({ msg, RequestID }) => [msg, RequestID]),
      [["web-http-response", ID]],
    );
  }
});
