import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import express from "express";
import Fastify from "fastify";
import { until } from "../../../../test/helpers/until.ts";
import { suppress } from "../../src/context/suppress.ts";
import { tracingMiddleware } from "../../src/express.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { recordTracing } from "../../src/testing.ts";
import { ask, BEARER, listen, TOKEN } from "../helpers/tracing.ts";

const SERVICES: Record<string, () => Promise<RequestListener>> = {
  fastify: async () => {
    const app = Fastify();
    await app.register(tracingPlugin);
    app.get("/fails", async () => {
      throw new RangeError("no");
    });
    app.get("/users/:id", async () => ({}));
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  express: async () => {
    const app = express();
    app.use(tracingMiddleware());
    app.get("/fails", (_request, response) => {
      response.status(500).end();
    });
    app.get("/users/:id", (_request, response) => {
      response.json({});
    });
    return app;
  },
  "node:http": async () =>
    withTracing((request, response) => {
      setRoute(request, response, request.url === "/fails" ? "/fails" : "/users/:id");
      response.statusCode = request.url === "/fails" ? 500 : 200;
      response.end();
    }),
};

const quietly = <Result>(work: () => Result): Result => context.with(suppress(ROOT_CONTEXT), work);

async function follow(port: number, query: string) {
  const request = quietly(() =>
    httpRequest({ port, host: "127.0.0.1", path: `/debug/tap${query}`, headers: BEARER, agent: false }),
  );
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const records: Record<string, unknown>[] = [];
  let rest = "";
  response.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) records.push(JSON.parse(line));
  });
  response.on("error", () => {
    // The test goes away from the stream.
  });
  return { response, records, end: () => request.destroy() };
}

for (const [name, start] of Object.entries(SERVICES)) {
  test(`${name}: GET /debug/tap shows requests as they end, filtered`, async (t) => {
    const recorder = recordTracing({ service: "web" });
    t.after(() => recorder.close());
    const port = await listen(t, createServer(await start()));
    const all = await follow(port, "");
    assert.equal(all.response.statusCode, 200);
    assert.equal(all.response.headers["content-type"], "application/x-ndjson");
    const failed = await follow(
      port,
      "?errors=true&from=unknown&to=web&method=get&route=GET%20/fails&status=5xx",
    );
    await quietly(async () => {
      await ask(port, { path: "/users/7" });
      await ask(port, { path: "/fails" });
    });
    await until(() => all.records.length === 2 && failed.records.length === 1);
    const [first] = all.records;
    assert.deepEqual(
      { ...first, time: 0, durationMs: 0, traceId: 0 },
      {
        time: 0,
        side: "server",
        from: "unknown",
        to: "web",
        method: "GET",
        route: "GET /users/:id",
        status: 200,
        error: null,
        failed: false,
        durationMs: 0,
        traceId: 0,
      },
    );
    assert.equal(first?.traceId, recorder.spans[0]?.traceId);
    assert.equal(failed.records[0]?.status, 500);
    assert.equal(failed.records[0]?.failed, true);
    const refused = await quietly(() => ask(port, { path: "/debug/tap?maxRps=0" }));
    assert.equal(refused.status, 400);
    const outside = await quietly(() => ask(port, { path: "/debug/tap", headers: { authorization: "" } }));
    assert.equal(outside.status, 401);
    all.end();
    failed.end();
    assert.equal(recorder.spans.length, 2, "following leaves no span");
  });
}

test("GET /debug/tap shows at most maxRps and says how many were too many; close() ends it", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const port = await listen(
    t,
    createServer(await (SERVICES["node:http"] as () => Promise<RequestListener>)()),
  );
  const { records, response } = await follow(port, "?maxRps=3");
  await quietly(() => Promise.all(Array.from({ length: 40 }, () => ask(port, { path: "/users/7" }))));
  await until(() => records.some((record) => "dropped" in record));
  const shown = records.filter((record) => "route" in record).length;
  const dropped = records.reduce((sum, record) => sum + Number(record.dropped ?? 0), 0);
  assert.equal(shown + dropped, 40);
  assert.ok(shown >= 3 && dropped > 0);
  const ended = once(response, "end");
  await recorder.close();
  await ended;
});

test("readers who left before they were let in take no place at /debug/tap", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const allowed = Promise.withResolvers<boolean>();
  const app = withTracing((_request, response) => response.end(), { authorize: () => allowed.promise });
  let left = 0;
  let asking = 0;
  const server = createServer((request, response) => {
    asking++;
    response.on("close", () => left++);
    app(request, response);
  });
  const port = await listen(t, server);
  const sockets = Array.from({ length: 10 }, () => connect(port, "127.0.0.1"));
  for (const socket of sockets) socket.write("GET /debug/tap HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until(() => asking === sockets.length);
  for (const socket of sockets) socket.destroy();
  await until(() => left === sockets.length);
  allowed.resolve(true);
  const { response } = await follow(port, "");
  assert.equal(response.statusCode, 200);
});

test("a reader of /debug/tap that does not read is left behind: nothing waits, and what it missed is counted", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const app = withTracing((_request, response) => response.end());
  let held: ServerResponse | undefined;
  const port = await listen(
    t,
    createServer((request, response) => {
      if (request.url?.startsWith("/debug/tap")) held = response;
      app(request, response);
    }),
  );
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.pause();
  socket.write(
    `GET /debug/tap?maxRps=10000 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  await until(() => held?.headersSent === true);
  // More than the reader's backlog and the system's buffers hold together.
  const peer = "p".repeat(60_000);
  for (let i = 0; i < 500; i++) {
    withSpan("call", { peer }, () => {});
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const bound = 256 * 1_024 + 2 * peer.length;
  assert.ok((held?.writableLength ?? 0) <= bound, `${held?.writableLength} bytes wait`);
  assert.equal(recorder.spans.length, 500, "the service goes on");

  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  socket.resume();
  const shown = (): number => text.split('"route":"call"').length - 1;
  const dropped = (): number =>
    [...text.matchAll(/\{"dropped":(\d+)\}/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  await until(() => shown() + dropped() === 500);
  assert.ok(dropped() > 0);
});
