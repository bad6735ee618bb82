import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import express5, { type Express } from "express";
import express4 from "express4";
import Fastify from "fastify";
import {
  observeExpressError,
  observeExpressRequest,
  observeFastifyRequest,
  ownFastifyOptions,
} from "../../src/index.ts";
import { send } from "../helpers/server.ts";

test("observeFastifyRequest() knows the route, and none where nothing matched", async (t) => {
  const routes: (string | undefined)[] = [];
  const app = Fastify();
  t.after(() => app.close());
  app.addHook("onRequest", (request, reply, done) => {
    observeFastifyRequest(request, reply).onEnd((_, observed) => routes.push(observed.route));
    done();
  });
  app.get("/users/:id", () => "x");
  await app.inject("/users/7");
  await app.inject("/nowhere");
  assert.deepEqual(routes, ["/users/:id", undefined]);
});

for (const [version, express] of [
  ["4", express4 as unknown as typeof express5],
  ["5", express5],
] as const) {
  test(`observeExpressRequest() knows the route with its mount path on Express ${version}`, async (t) => {
    const routes: (string | undefined)[] = [];
    const app = express();
    app.use((request, response, next) => {
      observeExpressRequest(request, response).onEnd((_, observed) => routes.push(observed.route));
      next();
    });
    const router = express.Router();
    router.get("/:id", (_, response) => void response.end());
    router.get("/", (_, response) => void response.end());
    app.use("/users", router);
    app.get("/", (_, response) => void response.end());
    const port = await serve(t, app);
    for (const path of ["/users/7", "/users", "/", "/nowhere"]) await send(port, { path });
    assert.deepEqual(routes, ["/users/:id", "/users", "/", undefined]);
  });
}

for (const [version, express] of [
  ["4", express4 as unknown as typeof express5],
  ["5", express5],
] as const) {
  test(`observeExpressRequest() shows no value of a mount path's parameter on Express ${version}`, async (t) => {
    const routes: (string | undefined)[] = [];
    const app = express();
    app.use((request, response, next) => {
      observeExpressRequest(request, response).onEnd((_, observed) => routes.push(observed.route));
      next();
    });
    app.use("/:first", (_request, _response, next) => next());
    const orders = express.Router();
    orders.get("/", (_, response) => void response.end());
    orders.get("/:order", (request, response) => void response.end(JSON.stringify(request.params)));
    orders.post("/:order", (_request, _response, next) => void setImmediate(() => next(new Error("down"))));
    const users = express.Router({ mergeParams: true });
    users.use("/:user/orders", orders);
    app.use("/tenants/:tenant/users", users);
    const sub = express();
    sub.use("/in/:city", orders);
    app.use("/shops/:shop", sub);
    app.use((_error: Error, _: express5.Request, response: express5.Response, __: express5.NextFunction) => {
      response.status(500).end();
    });
    const port = await serve(t, app);
    const bodies: string[] = [];
    for (const [method, path] of [
      ["GET", "/tenants/t1/users/ada%40example.org/orders/7"],
      ["GET", "/tenants/t2/users/tok_live_abc/orders"],
      ["POST", "/tenants/t2/users/u2/orders/7"],
      ["GET", "/shops/s1/in/oslo/9"],
      ["POST", "/shops/s1/in/oslo/9"],
    ] as const) {
      bodies.push((await send(port, { method, path })).body);
    }
    assert.deepEqual(routes, [
      "/tenants/:tenant/users/:user/orders/:order",
      "/tenants/:tenant/users/:user/orders",
      "/tenants/:tenant/users/:user/orders/:order",
      "/shops/:shop/in/:city/:order",
      "/shops/:shop/in/:city/:order",
    ]);
    assert.deepEqual(bodies[0], '{"order":"7"}', "the application sees what it always did");
  });
}

test("observeExpressRequest() leaves an application alone whose requests cannot be changed", async (t) => {
  const routes: (string | undefined)[] = [];
  const app = express5();
  Object.defineProperty(app.request, "route", { value: undefined, writable: true, configurable: false });
  app.use((request, response, next) => {
    observeExpressRequest(request, response).onEnd((_, observed) => routes.push(observed.route));
    next();
  });
  app.get("/a/:b", (_, response) => void response.end("x"));
  const port = await serve(t, app);
  for (let count = 0; count < 2; count++) await send(port, { path: "/a/1" });
  assert.deepEqual(routes, ["/a/:b", "/a/:b"]);
});

test("observeExpressError() makes the error known and leaves it to the application", async (t) => {
  const errors: unknown[] = [];
  const app = express5();
  app.use((request, response, next) => {
    observeExpressRequest(request, response).onEnd((_, observed) => errors.push(observed.error));
    next();
  });
  const failure = new Error("down");
  app.get("/", () => Promise.reject(failure));
  app.use(observeExpressError);
  app.use((error: Error, _: express5.Request, response: express5.Response, __: express5.NextFunction) => {
    response.status(503).send(error.message);
  });
  const answer = await send(await serve(t, app), { path: "/" });
  assert.equal(answer.status, 503);
  assert.equal(answer.body, "down");
  assert.deepEqual(errors, [failure]);
});

async function serve(t: TestContext, app: Express): Promise<number> {
  const server = app.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("ownFastifyOptions() leaves out what Fastify adds to a plugin's options, and nothing else", () => {
  const own = ownFastifyOptions({
    token: "t",
    prefix: "/x",
    logLevel: "warn",
    logSerializers: {},
    level: "debug",
  });
  assert.deepEqual(own, { token: "t", level: "debug" });
});
