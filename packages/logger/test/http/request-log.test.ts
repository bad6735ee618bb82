import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer, get, type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, it, type TestContext } from "node:test";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";
import { until } from "../../../../test/helpers/until.ts";
import { loggerMiddleware, observeExpressError } from "../../src/express.ts";
import * as adapter from "../../src/fastify.ts";
import type { Logger } from "../../src/index.ts";
import { setError, setRoute, withLogger } from "../../src/node.ts";
import { type Capture, captureLogs } from "../../src/testing.ts";
import { oldAdapter, oldFastify } from "../helpers/old-fastify.ts";

process.env.NODE_ENV = "test";

/** Tells when a service is asked for what it never answers. */
const slow = new EventEmitter();

interface Frame {
  readonly port: number;
  readonly capture: Capture;
}

type Start = (t: TestContext) => Promise<Frame>;

/** The same service on each framework. */
const frameworks: Readonly<Record<string, Start>> = {
  fastify: (t) => startFastify(t, Fastify, adapter),
  "fastify 5.0": (t) => startFastify(t, oldFastify, oldAdapter),
  "express 5": (t) => startExpress(t, express),
  "express 4": (t) => startExpress(t, express4 as unknown as typeof express),
  async node(t) {
    const capture = captureLogs({ service: "web" });
    const listener: RequestListener = (req, res) => {
      const path = req.url?.split("?")[0];
      if (path === "/stream") {
        setRoute(req, res, "/stream");
        stream(res);
      } else if (path === "/boom") {
        setRoute(req, res, "/boom");
        res.statusCode = 500;
        res.end();
      } else if (path?.startsWith("/users/")) {
        setRoute(req, res, "/users/:id");
        capture.logger.pino.error("fail-redeem", { AccountID: "a1" });
        capture.logger.child("work").debug("done");
        res.end('{"id":1}');
      } else if (path === "/slow") {
        setRoute(req, res, "/slow");
        slow.emit("asked");
      } else if (path === "/health/status") {
        res.end("ok");
      } else {
        res.statusCode = 404;
        res.end();
      }
    };
    return { port: await listen(t, createServer(withLogger(listener, { logger: capture.logger }))), capture };
  },
};

async function startFastify(
  t: TestContext,
  framework: typeof Fastify,
  { fastifyOptions, loggerPlugin }: typeof adapter,
): Promise<Frame> {
  const capture = captureLogs({ service: "web" });
  const app = framework(fastifyOptions({ logger: capture.logger }));
  await app.register(loggerPlugin, { logger: capture.logger });
  app.get("/users/:id", async (req) => {
    req.log.error("fail-redeem", { AccountID: "a1" });
    capture.logger.child("work").debug("done");
    return { id: 1 };
  });
  app.get("/boom", () => Promise.reject(new RangeError("boom")));
  app.get("/slow", () => {
    slow.emit("asked");
    return new Promise(() => {});
  });
  app.get("/stream", (_req, reply) => {
    reply.raw.writeHead(200);
    reply.hijack();
    stream(reply.raw);
  });
  app.get("/health/status", () => "ok");
  await app.listen({ port: 0, host: "127.0.0.1" });
  // Fastify says where it listens.
  capture.clear();
  t.after(() => app.close());
  return { port: (app.server.address() as AddressInfo).port, capture };
}

async function startExpress(t: TestContext, framework: typeof express): Promise<Frame> {
  const capture = captureLogs({ service: "web" });
  const app = framework();
  app.use(loggerMiddleware({ logger: capture.logger }));
  app.get("/users/:id", (req, res) => {
    req.log.error("fail-redeem", { AccountID: "a1" });
    capture.logger.child("work").debug("done");
    res.json({ id: 1 });
  });
  app.get("/boom", (_req, _res, next) => next(new RangeError("boom")));
  app.get("/slow", () => void slow.emit("asked"));
  app.get("/stream", (_req, res) => stream(res));
  app.get("/health/status", (_req, res) => void res.send("ok"));
  app.use(observeExpressError);
  app.use(((_error, _req, res, _next) => void res.status(500).end()) satisfies express.ErrorRequestHandler);
  return { port: await listen(t, createServer(app)), capture };
}

for (const [framework, start] of Object.entries(frameworks)) {
  describe(`request log on ${framework}`, () => {
    it("writes one response line, and the request's id on every line inside", async (t) => {
      const { port, capture } = await start(t);
      const answer = await ask(port, "/users/7?email=bob@example.org", { "x-request-id": "17c854" });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["x-request-id"], "17c854");
      await until(() => capture.lines.length === 3);
      const [failed, done, response] = capture.lines;
      assert.equal(failed?.msg, "web-fail-redeem");
      assert.equal(failed?.AccountID, "a1");
      assert.equal(done?.msg, "web-work-done");
      assert.equal(response?.msg, "web-http-response");
      for (const line of capture.lines) assert.equal(line.RequestID, "17c854");
      const { level, method, route, status, duration } = response!;
      assert.deepEqual(
        { level, method, route, status },
        { level: "debug", method: "GET", route: "/users/:id", status: 200 },
      );
      assert.equal(typeof duration, "number");
      assert.ok(!capture.text.includes("bob"), "the URL is in no line");
    });

    it("refuses an id that is not short and harmless", async (t) => {
      const { port, capture } = await start(t);
      for (const id of ["x".repeat(65), "<b>", "a b", ""]) {
        const answer = await ask(port, "/users/7", { "x-request-id": id });
        assert.match(String(answer.headers["x-request-id"]), /^[0-9a-f-]{36}$/);
      }
      await ask(port, "/users/7", { "x-request-id": "x".repeat(64) });
      await until(() => responses(capture).length === 5);
      assert.equal(responses(capture).at(-1)?.RequestID, "x".repeat(64));
    });

    it("writes an error line from 500 on, with the error, and a debug line below", async (t) => {
      const { port, capture } = await start(t);
      await ask(port, "/boom");
      await ask(port, "/nowhere");
      await until(() => responses(capture).length === 2);
      const [boom, nowhere] = responses(capture);
      assert.equal(boom?.level, "error");
      assert.equal(boom?.route, "/boom");
      assert.equal(boom?.status, 500);
      if (framework !== "node") assert.equal((boom!.err as { type: string }).type, "RangeError");
      assert.equal(nowhere?.level, "debug");
      assert.equal(nowhere?.route, "*");
      assert.equal(nowhere?.status, 404);
    });

    it("writes http-abort, and no response line, for a client that went away", async (t) => {
      const { port, capture } = await start(t);
      const asked = request({ host: "127.0.0.1", port, path: "/slow" });
      asked.on("error", () => {});
      asked.end();
      await once(slow, "asked");
      asked.destroy();
      await until(() => capture.lines.length === 1);
      const [line] = capture.lines;
      assert.equal(line?.msg, "web-http-abort");
      assert.equal(line?.level, "debug");
      assert.equal(line?.route, "/slow");
    });

    it("writes exactly one line each for HEAD, keep-alive, pipelined and streamed requests", async (t) => {
      const { port, capture } = await start(t);
      const socket = connect(port, "127.0.0.1");
      t.after(() => socket.destroy());
      socket.resume();
      const line = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      // All at once: pipelined. Then two more on the same connection.
      socket.write(line("GET", "/stream") + line("HEAD", "/users/1") + line("GET", "/boom"));
      await until(() => responses(capture).length === 3);
      socket.write(line("GET", "/users/2"));
      await until(() => responses(capture).length === 4);
      socket.write(line("GET", "/users/3"));
      await until(() => responses(capture).length === 5);
      assert.deepEqual(
        responses(capture).map((line) => `${line.method} ${line.route} ${line.status}`),
        [
          "GET /stream 200",
          "HEAD /users/:id 200",
          "GET /boom 500",
          "GET /users/:id 200",
          "GET /users/:id 200",
        ],
      );
      assert.equal(new Set(responses(capture).map((line) => line.RequestID)).size, 5);
    });

    it("H4: writes nothing about what Whodunit itself answers, and a line of all that only looks like it", async (t) => {
      const { port, capture } = await start(t);
      assert.notEqual((await ask(port, "/debug/level")).status, 404);
      for (const path of ["/health/status", "/debug/login", "/users/7"]) await ask(port, path);
      await until(() => responses(capture).length === 3);
      assert.equal(capture.lines.length, 5);
    });
  });
}

describe("loggerPlugin, loggerMiddleware and withLogger", () => {
  it("refuse what is no logger, and options they do not know", () => {
    const no = { logger: {} as Logger };
    assert.throws(
      () => adapter.fastifyOptions(no),
      /fastifyOptions: option "logger" is an object, want a logger made/,
    );
    assert.throws(() => loggerMiddleware(no), /loggerMiddleware: option "logger"/);
    assert.throws(() => withLogger(() => {}, no), /withLogger: option "logger"/);
    const { logger } = captureLogs();
    assert.throws(() => loggerMiddleware({ logger, level: "x" } as never), /option "level" is unknown/);
  });

  it("registered twice, still write one line", async (t) => {
    const { logger, ...capture } = captureLogs();
    const listener = withLogger(
      withLogger((_req, res) => void res.end(), { logger }),
      { logger },
    );
    await ask(await listen(t, createServer(listener)), "/");
    await new Promise(setImmediate);
    assert.equal(capture.lines.length, 0, "capture is a copy");
    assert.equal(logger.counts().debug, 1);
  });
});

it("setError puts the error of a request that its framework has answered on the request's line, whoever looked first", async (t) => {
  const capture = captureLogs({ service: "web" });
  const listener: RequestListener = (req, res) => {
    setError(req, res, new RangeError("no stock"));
    res.writeHead(503).end();
  };
  const port = await listen(t, createServer(withLogger(listener, { logger: capture.logger })));
  assert.equal((await ask(port, "/")).status, 503);
  await until(() => responses(capture).length === 1);
  const [line] = responses(capture);
  assert.equal((line?.err as { type: string } | undefined)?.type, "RangeError");
});

function responses(capture: Capture) {
  return capture.lines.filter((line) => line.msg === "web-http-response");
}

function stream(response: NodeJS.WritableStream): void {
  response.write("a", () => response.end("b"));
}

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function ask(port: number, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers, agent: false }, (answer) => {
      answer.resume().on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
    }).on("error", reject);
  });
}
