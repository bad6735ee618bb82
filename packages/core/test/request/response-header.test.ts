import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import Fastify from "fastify";
import { observeRequest } from "../../src/index.ts";
import { listen, send } from "../helpers/server.ts";

const SHARED = Object.freeze({ "x-own": "1" });

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "end() alone": (response) => response.end(),
  "end() with a body": (response) => response.end("body"),
  "write() and end()": (response) => {
    response.write("a");
    response.end("b");
  },
  "flushHeaders()": (response) => {
    response.flushHeaders();
    response.end();
  },
  "setHeader() afterwards": (response) => response.setHeader("x-own", "1").end(),
  "writeHead(status)": (response) => response.writeHead(201).end(),
  "writeHead(status, reason)": (response) => response.writeHead(201, "Made").end(),
  "writeHead(status, headers)": (response) => response.writeHead(201, SHARED).end(),
  "writeHead(status, undefined, headers)": (response) =>
    response.writeHead(201, undefined as unknown as string, SHARED).end(),
  "writeHead(status, undefined, undefined)": (response) =>
    response.writeHead(201, undefined as unknown as string, undefined).end(),
  "writeHead(status, reason, headers)": (response) => response.writeHead(201, "Made", SHARED).end(),
  "writeHead(status, a flat list)": (response) => response.writeHead(201, ["x-own", "1"]).end(),
  "writeHead(status, an empty list)": (response) => response.writeHead(201, []).end(),
  "setHeader() and writeHead(status, headers)": (response) =>
    response.setHeader("x-other", "2").writeHead(201, SHARED).end(),
};

for (const [name, answer] of Object.entries(ANSWERS)) {
  test(`addHeader() reaches the client once, and all else as it was given, by ${name}`, async (t) => {
    const { port } = await listen(t, (request, response) => {
      if (request.url === "/with") observeRequest(request, response).addHeader("x-request-id", "r-1");
      answer(response);
    });
    const { date: _, ...without } = (await send(port)).headers;
    const { date: __, ...headers } = (await send(port, { path: "/with" })).headers;
    assert.deepEqual(headers, { ...without, "x-request-id": "r-1" });
  });
}

test("addHeader() gives way to the service's own header, however it is set and spelled", async (t) => {
  const own: readonly ((response: ServerResponse) => void)[] = [
    (response) => response.setHeader("X-Request-ID", "own").end(),
    (response) => response.writeHead(200, { "X-Request-ID": "own" }).end(),
    (response) => response.writeHead(200, "OK", { "x-request-id": "own" }).end(),
    (response) => response.writeHead(200, ["X-Request-Id", "own"]).end(),
    (response) => response.setHeader("x-other", "2").writeHead(200, { "X-Request-Id": "own" }).end(),
  ];
  let turn = 0;
  const { port } = await listen(t, (request, response) => {
    observeRequest(request, response).addHeader("x-request-id", "r-1");
    own[turn++]?.(response);
  });
  for (const _ of own) assert.equal((await send(port)).headers["x-request-id"], "own");
});

test("addHeader() leaves a header that was set before, and comes too late behind the response's head", async (t) => {
  const { port } = await listen(t, (request, response) => {
    if (request.url === "/late") response.writeHead(200);
    else response.setHeader("X-Request-Id", "own");
    observeRequest(request, response).addHeader("x-request-id", "r-1");
    response.end();
  });
  assert.equal((await send(port)).headers["x-request-id"], "own");
  assert.equal((await send(port, { path: "/late" })).headers["x-request-id"], undefined);
});

test("addHeader() reaches the client over HTTP/2, with a body and without", async (t) => {
  const server = createHttp2((request, response) => {
    observeRequest(request as never, response as never).addHeader("x-request-id", "r-1");
    if (request.url === "/body") response.write("body");
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    session.close();
    server.close();
  });
  for (const path of ["/body", "/none"]) {
    const [headers] = await once(session.request({ ":path": path }).resume(), "response");
    assert.equal(headers["x-request-id"], "r-1", path);
  }
});

test("addHeader() reaches a client that asks by Fastify's inject()", async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  app.addHook("onRequest", (request, reply, next) => {
    observeRequest(request.raw, reply.raw).addHeader("x-request-id", "r-1");
    next();
  });
  app.get("/", () => ({ ok: true }));
  const { headers } = await app.inject("/");
  assert.equal(headers["x-request-id"], "r-1");
  assert.equal(headers["content-type"], "application/json; charset=utf-8");
});
