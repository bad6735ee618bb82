import assert from "node:assert/strict";
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";
import { until } from "../../../../test/helpers/until.ts";
import { suppress } from "../../src/context/suppress.ts";
import { observeExpressError, tracingMiddleware } from "../../src/express.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { currentSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { ask, listen, startTestTracing } from "../helpers/tracing.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** The same small service on each framework: a route, one that throws, one that never answers. */
const SERVICES: Record<string, () => Promise<RequestListener>> = {
  "fastify 5": async () => {
    const app = Fastify();
    await app.register(tracingPlugin);
    app.get("/users/:id", async () => ({ span: currentSpan()?.context().toSpanId() }));
    app.get("/throws", async () => {
      throw new RangeError("card 4111 1111 1111 1111");
    });
    app.get("/hangs", () => new Promise<never>(() => {}));
    app.get("/streams", (_request, reply) => reply.send(Readable.from(slowly())));
    app.post("/body", async (request) => request.body);
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  "express 5": async () => expressService(express),
  "express 4": async () => expressService(express4 as unknown as typeof express),
  "node:http": async () =>
    withTracing((request, response) => {
      const [url = ""] = (request.url ?? "").split("?");
      if (url.startsWith("/users/")) setRoute(request, response, "/users/:id");
      else if (url !== "/missing") setRoute(request, response, url);
      if (url === "/hangs") return;
      if (url === "/streams") {
        Readable.from(slowly()).pipe(response);
        return;
      }
      if (url === "/throws") response.statusCode = 500;
      if (url === "/missing") response.statusCode = 404;
      response.end(JSON.stringify({ span: currentSpan()?.context().toSpanId() }));
    }),
};

function expressService(make: typeof express): RequestListener {
  const app = make();
  app.use(tracingMiddleware());
  app.get("/users/:id", (_request, response) => {
    response.json({ span: currentSpan()?.context().toSpanId() });
  });
  app.get("/throws", () => {
    throw new RangeError("card 4111 1111 1111 1111");
  });
  const mounted = make.Router();
  mounted.get("/orders", (_request, response) => void response.end());
  app.use("/shop", mounted);
  app.get("/hangs", () => {});
  app.get("/streams", (_request, response) => {
    Readable.from(slowly()).pipe(response);
  });
  app.use(observeExpressError);
  app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(500).end();
  });
  return app;
}

for (const [name, start] of Object.entries(SERVICES)) {
  test(`${name}: one server span a request, named by its route, child of the caller's`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const port = await listen(t, createServer(await start()));
    const quiet = suppress(ROOT_CONTEXT);
    const answer = await context.with(quiet, () =>
      ask(port, { path: "/users/7?page=2", headers: { traceparent: TRACEPARENT, "user-agent": "test" } }),
    );
    assert.equal(answer.status, 200);
    const found = await spans();
    assert.equal(found.length, 1, "one span");
    const [span] = found;
    assert.equal(span?.name, "GET /users/:id");
    assert.equal(span?.kind, 2);
    assert.equal(span?.traceId, "0af7651916cd43dd8448eb211c80319c");
    assert.equal(span?.parentSpanId, "b7ad6b7169203331");
    assert.equal(JSON.parse(answer.body).span, span?.spanId, "active in the handler");
    assert.equal(span?.status, 0);
    assert.deepEqual(span?.attributes, {
      "http.request.method": "GET",
      "http.route": "/users/:id",
      "url.path": "/users/7",
      "url.query": "page=2",
      "url.scheme": "http",
      "server.address": "127.0.0.1",
      "server.port": port,
      "network.protocol.version": "1.1",
      "user_agent.original": "test",
      "http.response.status_code": 200,
    });
    const series = tracing.traffic.snapshot().series;
    assert.deepEqual(
      series.map((one) => [one.side, one.peer, one.route, one.windowS, one.count, one.failures, one.classes]),
      [10, 60, 600].map((windowS) => ["server", "unknown", "GET /users/:id", windowS, 1, 0, { "2xx": 1 }]),
    );
  });

  test(`${name}: an error fails the span and the route, without its secrets`, async (t) => {
    const { spans, tracing, receiver } = await startTestTracing(t);
    const port = await listen(t, createServer(await start()));
    await context.with(suppress(ROOT_CONTEXT), () => ask(port, { path: "/throws?token=s3cr3t-t0k3n" }));
    const [span] = await spans();
    assert.equal(span?.name, "GET /throws");
    assert.equal(span?.status, 2);
    assert.equal(span?.attributes["http.response.status_code"], 500);
    if (name !== "node:http") {
      assert.equal(span?.attributes["error.type"], "RangeError");
      assert.equal(span?.events[0]?.name, "exception");
    }
    assert.doesNotMatch(receiver.bodies.join(), /s3cr3t|4111.?1111/);
    const { now, startedAt, series: all } = tracing.traffic.snapshot();
    const [series] = all;
    assert.equal(series?.failures, 1);
    assert.deepEqual(series?.classes, { "5xx": 1 });
    assert.equal(series?.exemplar?.traceId, span?.traceId);
    assert.equal(series?.exemplar?.failed, true);
    assert.deepEqual([startedAt, series?.failingSince, now].sort(), [startedAt, series?.failingSince, now]);
  });

  test(`${name}: a request no route matches is GET and GET *`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const port = await listen(t, createServer(await start()));
    await context.with(suppress(ROOT_CONTEXT), () => ask(port, { path: "/missing" }));
    const [span] = await spans();
    assert.equal(span?.name, "GET");
    assert.equal(span?.status, 0, "a 404 is no error of the server");
    assert.equal(tracing.traffic.snapshot().series[0]?.route, "GET *");
  });

  test(`${name}: a client that goes away ends the span and counts as aborted`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const service = await start();
    const server = createServer((request, response) => {
      service(request, response);
      socket.destroy();
    });
    const socket = connect(await listen(t, server), "127.0.0.1");
    socket.write("GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => tracing.traffic.snapshot().series.length > 0);
    const [series] = tracing.traffic.snapshot().series;
    assert.equal(series?.aborted, 1);
    assert.equal(series?.count, 0);
    const [span] = await spans();
    assert.equal(span?.attributes["error.type"], "aborted");
    assert.equal(span?.status, 0);
  });

  test(`${name}: GET /debug/traffic answers the snapshot; it leaves no trace, and what only looks like it does`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const port = await listen(t, createServer(await start()));
    await context.with(suppress(ROOT_CONTEXT), async () => {
      await ask(port, { path: "/users/7" });
      await ask(port, { path: "/debug/login" });
      const answer = await ask(port, { path: "/debug/traffic?x=1" });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["content-type"]?.startsWith("application/json"), true);
      const body = JSON.parse(answer.body);
      assert.equal(body.service, "web");
      assert.equal(body.version, null);
      assert.deepEqual(
        body.series,
        JSON.parse(JSON.stringify(tracing.traffic.snapshot().series)),
        "what snapshot() says",
      );
      const outside = await ask(port, { path: "/debug/traffic", headers: { authorization: "" } });
      assert.equal(outside.status, 401);
    });
    assert.equal((await spans()).length, 2);
    assert.equal(tracing.traffic.snapshot().series.length, 6);
  });

  test(`${name}: requests one behind the other on one connection have a span each, in their own traces`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const port = await listen(t, createServer(await start()));
    const ids = Array.from({ length: 8 }, (_, i) => `${i}`.padStart(32, "a"));
    const request = (id: string) =>
      `GET /users/${id} HTTP/1.1\r\nHost: a\r\ntraceparent: 00-${id}-b7ad6b7169203331-01\r\n\r\n`;
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    // Four at once, then four more on the connection that was kept.
    socket.write(ids.slice(0, 4).map(request).join(""));
    await until(() => tracing.spans().ended === 4);
    socket.write(ids.slice(4).map(request).join(""));
    await until(() => tracing.spans().ended === 8);
    const found = await spans();
    assert.deepEqual(found.map((span) => span.traceId).sort(), ids);
    for (const { traceId, attributes } of found) assert.equal(attributes["url.path"], `/users/${traceId}`);
    assert.equal(new Set(found.map((span) => span.spanId)).size, 8);
  });

  test(`${name}: a stream's span lasts until its end, and one that breaks off is aborted`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const port = await listen(t, createServer(await start()));
    gate = Promise.withResolvers();
    const stream = await new Promise<IncomingMessage>((resolve, reject) => {
      const quiet = suppress(ROOT_CONTEXT);
      context.with(quiet, () =>
        httpRequest({ port, host: "127.0.0.1", path: "/streams" }, resolve).on("error", reject).end(),
      );
    });
    const chunks: string[] = [];
    for await (const chunk of stream) {
      if (chunks.length === 0) assert.equal(tracing.spans().ended, 0, "the head has gone, the span lasts");
      gate.resolve();
      chunks.push(String(chunk));
    }
    assert.equal(chunks.join(""), "first second");
    await until(() => tracing.spans().ended === 1);

    gate = Promise.withResolvers();
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /streams HTTP/1.1\r\nHost: a\r\n\r\n");
    socket.once("data", () => socket.destroy());
    await until(() => tracing.spans().ended === 2);
    gate.resolve();
    const [whole, broken] = await spans();
    assert.equal(whole?.attributes["http.response.status_code"], 200);
    assert.equal(whole?.attributes["error.type"], undefined);
    assert.equal(broken?.attributes["error.type"], "aborted");
    const [series] = tracing.traffic.snapshot().series;
    assert.deepEqual([series?.route, series?.count, series?.aborted], ["GET /streams", 1, 1]);
  });
}

for (const name of ["express 4", "express 5"]) {
  test(`${name}: a mounted router's request has the whole path`, async (t) => {
    const { spans } = await startTestTracing(t);
    const port = await listen(t, createServer(await SERVICES[name]!()));
    await context.with(suppress(ROOT_CONTEXT), () => ask(port, { path: "/shop/orders?page=2" }));
    const [span] = await spans();
    assert.equal(span?.name, "GET /shop/orders");
    assert.deepEqual(
      [span?.attributes["url.path"], span?.attributes["url.query"]],
      ["/shop/orders", "page=2"],
    );
  });
}

test("a request that passes several plugins has one span and is counted once", async (t) => {
  const { spans, tracing } = await startTestTracing(t);
  const app = express();
  app.use(tracingMiddleware(), tracingMiddleware());
  app.get("/users/:id", (_request, response) => {
    response.json({});
  });
  const port = await listen(t, createServer(withTracing(app)));
  const fastify = Fastify();
  t.after(() => fastify.close());
  await fastify.register(tracingPlugin);
  await fastify.register(async (inner) => {
    inner.get("/users/:id", async () => ({}));
  });
  await fastify.ready();
  const wrapped = await listen(
    t,
    createServer(withTracing((request, response) => fastify.routing(request, response))),
  );
  await context.with(suppress(ROOT_CONTEXT), async () => {
    await ask(port, { path: "/users/7" });
    await ask(wrapped, { path: "/users/7" });
  });
  assert.deepEqual(
    (await spans()).map((span) => span.name),
    ["GET /users/:id", "GET /users/:id"],
  );
  const series = tracing.traffic.snapshot().series.filter((one) => one.windowS === 600);
  assert.deepEqual(
    series.map((one) => [one.route, one.count]),
    [["GET /users/:id", 2]],
  );
});

/** Holds every stream after its first part, until the test lets go. */
let gate = Promise.withResolvers<void>();

async function* slowly(): AsyncGenerator<string> {
  yield "first ";
  await gate.promise;
  yield "second";
}
