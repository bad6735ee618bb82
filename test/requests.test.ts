import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, afterEach, before, describe, type TestContext, test } from "node:test";
import websocket from "@fastify/websocket";
import { createHealth } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { withLogger } from "@whodunit/logger/node";
import type { TrafficSeries } from "@whodunit/tracing";
import { observeExpressError, tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { withTracing } from "@whodunit/tracing/node";
import { recordTracing, type TestSpan, type TracingRecorder } from "@whodunit/tracing/testing";
import express from "express";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { WebSocket, WebSocketServer } from "ws";
import { until } from "./helpers/until.ts";

/**
 * What the line, the span and the traffic of one request say when it does not simply begin, run and end: broken
 * bodies, streams of events, connections taken over, answers given before any hook, ids of others.
 */
type Line = Readonly<Record<string, unknown>>;

let lines: Line[] = [];
const logger = createLogger({
  service: "web",
  throttle: false,
  destination: { write: (line: string) => void lines.push(JSON.parse(line) as Line) },
});
let tracing: TracingRecorder;

before(() => {
  tracing = recordTracing({ service: "web" });
});
after(() => tracing.close());
afterEach(() => {
  lines = [];
  tracing.clear();
});

/** The one end line, server span and series of traffic of a route, once all are there. */
async function told(route: string): Promise<{ line: Line; span: TestSpan; series: TrafficSeries }> {
  const ends = () => lines.filter((line) => /^web-http-/.test(String(line.msg)));
  await until(() => ends().length > 0 && tracing.spans.some(({ kind }) => kind === 1));
  const [line, ...moreLines] = ends();
  const [span, ...moreSpans] = tracing.spans.filter(({ kind }) => kind === 1);
  assert.ok(line !== undefined && span !== undefined);
  assert.deepEqual([moreLines, moreSpans], [[], []], "one line and one span");
  const series = tracing.traffic
    .snapshot()
    .series.find((one) => one.side === "server" && one.windowS === 60 && one.route === route);
  assert.ok(series !== undefined, `traffic of ${route}`);
  return { line, span, series };
}

async function startFastify(
  t: TestContext,
  routes: (app: FastifyInstance) => void,
  options: FastifyServerOptions = {},
  header?: string,
): Promise<number> {
  const app = Fastify(options);
  await app.register(tracingPlugin);
  await app.register(loggerPlugin, { logger, ...(header === undefined ? {} : { requestIdHeader: header }) });
  await app.register(websocket);
  routes(app);
  t.after(() => app.close());
  await app.listen({ port: 0, host: "127.0.0.1" });
  lines = [];
  return (app.server.address() as AddressInfo).port;
}

async function startExpress(t: TestContext, routes: (app: express.Express) => void): Promise<number> {
  const app = express();
  app.use(tracingMiddleware());
  app.use(loggerMiddleware({ logger }));
  routes(app);
  app.use(observeExpressError);
  // Express's own handler prints the errors of its tests.
  app.set("env", "test");
  const server = createServer(app);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Reads an answer as far as it goes. */
const read = (port: number, path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }>((resolve) => {
    get({ port, host: "127.0.0.1", path, headers, agent: false }, (answer) => {
      answer
        .on("error", () => {})
        .on("close", () => resolve({ status: answer.statusCode, headers: answer.headers }));
      answer.resume();
    }).on("error", () => resolve({ status: undefined, headers: {} }));
  });

async function raw(port: number, path: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return socket;
}

class ReportError extends Error {}
const failing = (): Readable =>
  Readable.from(
    (async function* () {
      yield "some";
      throw new ReportError("no more rows");
    })(),
  );

describe("L2, T1: a response that breaks after its headers", () => {
  const starts: Record<string, [path: string, start: (t: TestContext) => Promise<number>]> = {
    "Fastify's reply.send(stream)": [
      "/report-sent",
      (t) => startFastify(t, (app) => void app.get("/report-sent", (_, reply) => reply.send(failing()))),
    ],
    "Express's next(error)": [
      "/report-passed-on",
      (t) =>
        startExpress(t, (app) =>
          app.get("/report-passed-on", (_, response, next) => {
            response.write("some");
            setImmediate(() => next(new ReportError("no more rows")));
          }),
        ),
    ],
    "a generator that a handler of Fastify gives back": [
      "/report-returned",
      (t) => startFastify(t, (app) => void app.get("/report-returned", async () => failing())),
    ],
    "a reply that was taken over on Fastify": [
      "/report-taken-over",
      (t) =>
        startFastify(
          t,
          (app) =>
            void app.get("/report-taken-over", (_, reply) => {
              reply.hijack();
              reply.raw.write("some");
              setImmediate(() => reply.raw.destroy(new ReportError("no more rows")));
            }),
        ),
    ],
    "an asynchronous handler of Express that throws": [
      "/report-thrown",
      (t) =>
        startExpress(t, (app) =>
          app.get("/report-thrown", async (_, response) => {
            response.write("some");
            await new Promise((resolve) => setImmediate(resolve));
            throw new ReportError("no more rows");
          }),
        ),
    ],
    "an awaited pipeline on Express": [
      "/report-awaited",
      (t) =>
        startExpress(t, (app) =>
          app.get("/report-awaited", async (_, response) => {
            await pipeline(failing(), response).catch(() => {});
          }),
        ),
    ],
    "a stream of the web on Express": [
      "/report-web",
      (t) =>
        startExpress(t, (app) =>
          app.get("/report-web", (_, response) => {
            Readable.fromWeb(Readable.toWeb(failing()) as never)
              .on("error", (error) => response.destroy(error))
              .pipe(response);
          }),
        ),
    ],
    "a stream piped on Express": [
      "/report-piped",
      (t) =>
        startExpress(t, (app) =>
          app.get("/report-piped", (_, response) => {
            failing()
              .on("error", () => response.destroy())
              .pipe(response);
          }),
        ),
    ],
  };
  for (const [way, [path, start]] of Object.entries(starts)) {
    test(`L2, T1: by ${way} it is an error line with its error, a failed span, and a failure of this service`, async (t) => {
      const port = await start(t);
      await read(port, path);
      const { line, span, series } = await told(`GET ${path}`);
      assert.deepEqual(
        [line.level, line.msg, line.status, line.torn],
        ["error", "web-http-response", 200, true],
      );
      assert.equal((line.err as Line | undefined)?.message, "no more rows");
      assert.equal((line.err as Line | undefined)?.type, "ReportError");
      assert.equal(span.status, 2);
      assert.equal(span.attributes["error.type"], "ReportError");
      assert.equal(span.attributes["http.response.status_code"], 200);
      assert.deepEqual([series.count, series.failures, series.aborted], [1, 1, 0]);
      assert.equal(series.exemplar?.error, "ReportError");
    });
  }
});

describe("T6: what has no end of its own is counted", () => {
  test("T6: a stream of events whose reader leaves is a 200", async (t) => {
    const port = await startFastify(
      t,
      (app) =>
        void app.get("/events", (_, reply) => {
          reply.hijack();
          reply.raw.writeHead(200, { "content-type": "text/event-stream" });
          reply.raw.write("data: 1\n\n");
        }),
    );
    const socket = await raw(port, "/events");
    await once(socket, "data");
    socket.destroy();
    const { line, span, series } = await told("GET /events");
    assert.deepEqual([line.level, line.msg, line.status], ["debug", "web-http-response", 200]);
    assert.equal(span.attributes["http.response.status_code"], 200);
    assert.deepEqual(
      [series.count, series.failures, series.aborted, series.classes],
      [1, 0, 0, { "2xx": 1 }],
    );
  });

  test("T6: a WebSocket of Fastify's plugin is a 101", async (t) => {
    const port = await startFastify(
      t,
      (app) => void app.get("/socket", { websocket: true }, (socket) => void socket.send("hello")),
    );
    const client = new WebSocket(`ws://127.0.0.1:${port}/socket`);
    await once(client, "message");
    client.close();
    const { line, span, series } = await told("GET /socket");
    assert.deepEqual([line.level, line.status], ["debug", 101]);
    assert.equal(span.attributes["http.response.status_code"], 101);
    assert.deepEqual(
      [series.count, series.failures, series.aborted, series.classes],
      [1, 0, 0, { "1xx": 1 }],
    );
  });

  test("T6: a WebSocket that a handler of node:http takes over is a 101", async (t) => {
    const sockets = new WebSocketServer({ noServer: true });
    const listener = withTracing(
      withLogger(
        (request, response) => {
          // Without a listener to "upgrade" Node hands such a request to the handler.
          response.detachSocket(request.socket);
          sockets.handleUpgrade(request, request.socket, Buffer.alloc(0), (socket) => socket.send("hello"));
        },
        { logger },
      ),
    );
    const server = createServer(listener);
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket`);
    client.on("error", () => {});
    await once(client, "open");
    client.terminate();
    await until(() => lines.some(({ msg }) => msg === "web-http-response"));
    assert.equal(lines.find(({ msg }) => msg === "web-http-response")?.status, 101);
  });
});

describe("T7: what Fastify answers before any hook", () => {
  test("T7: a URL that cannot be decoded has one span and one line", async (t) => {
    const port = await startFastify(t, (app) => void app.get("/u/:name", async () => "ok"));
    assert.equal((await read(port, "/u/%E0%A4%A")).status, 400);
    const { line, span, series } = await told("GET *");
    assert.deepEqual([line.level, line.status, line.route], ["debug", 400, "*"]);
    assert.match(String(line.RequestID), /^[\w-]{36}$/);
    assert.equal(span.attributes["http.response.status_code"], 400);
    assert.equal(series.classes["4xx"], 1);
  });

  const teapot: FastifyServerOptions = {
    frameworkErrors: (_error, _request, reply) => void reply.raw.writeHead(418).end("no"),
  };
  const unrouted: readonly (readonly [
    what: string,
    path: string,
    status: number,
    options?: FastifyServerOptions,
  ])[] = [
    ["whose path is a percent sign", "/%", 400],
    ["whose parameter is longer than Fastify takes", `/u/${"a".repeat(101)}`, 414],
    [
      "whose parameter is longer than the application says",
      "/u/abcdef",
      414,
      { routerOptions: { maxParamLength: 5 } },
    ],
    ["that the application answers itself, undecoded", "/u/%E0%A4%A", 418, teapot],
    ["that the application answers itself, too long", `/u/${"a".repeat(200)}`, 418, teapot],
  ];
  for (const [what, path, status, options] of unrouted) {
    test(`T7: a request ${what} has one span and one line`, async (t) => {
      const port = await startFastify(t, (app) => void app.get("/u/:name", async () => "ok"), options);
      assert.equal((await read(port, path)).status, status);
      const { line, span, series } = await told("GET *");
      assert.deepEqual([line.status, span.attributes["http.response.status_code"]], [status, status]);
      assert.ok((series.classes["4xx"] ?? 0) >= 1);
    });
  }

  test("T7: a long URL that Fastify routes has one span and one line, with its route", async (t) => {
    const port = await startFastify(t, (app) => void app.get("/u/:name", async () => "ok"));
    assert.equal((await read(port, `/u/ada?${"x".repeat(500)}`)).status, 200);
    const { line } = await told("GET /u/:name");
    assert.equal(line.route, "/u/:name");
  });

  test("T7: a URL that can be decoded has one span and one line, with its route", async (t) => {
    const port = await startFastify(t, (app) => void app.get("/u/:name", async () => "ok"));
    assert.equal((await read(port, "/u/%C3%A9")).status, 200);
    const { line, span } = await told("GET /u/:name");
    assert.equal(line.route, "/u/:name");
    assert.equal(span.name, "GET /u/:name");
  });

  test("T7: callNotFound() keeps the route that was matched", async (t) => {
    const port = await startFastify(
      t,
      (app) => void app.get("/u/:name", async (_, reply) => reply.callNotFound()),
    );
    assert.equal((await read(port, "/u/ada")).status, 404);
    const { line, span } = await told("GET /u/:name");
    assert.deepEqual([line.route, line.status], ["/u/:name", 404]);
    assert.equal(span.attributes["http.route"], "/u/:name");
  });

  test("T7: a request that comes while Fastify closes has one span and one line", async (t) => {
    const entered = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let app: FastifyInstance | undefined;
    const port = await startFastify(t, (made) => {
      app = made;
      made.get("/slow", async () => {
        entered.resolve();
        await goOn.promise;
        return "ok";
      });
    });
    const socket = await raw(port, "/slow");
    await entered.promise;
    const closed = app?.close();
    await new Promise((resolve) => setImmediate(resolve));
    socket.write("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    goOn.resolve();
    socket.resume();
    await closed;
    await until(() => lines.filter(({ msg }) => msg === "web-http-response").length === 2);
    assert.deepEqual(
      lines
        .filter(({ msg }) => msg === "web-http-response")
        .map(({ status }) => status)
        .sort(),
      [200, 503],
    );
    assert.equal(tracing.spans.filter(({ kind }) => kind === 1).length, 2);
  });
});

describe("H4: silence is for what Whodunit answers, whatever was answered before", () => {
  test("H4: a path that health has answered is a request like any other where the application answers it", async (t) => {
    const health = createHealth({ service: "web" });
    t.after(() => health.close());
    const withHealth = await startExpress(t, (app) => app.use("/internal", healthRouter({ health })));
    const own = await startExpress(t, (app) =>
      app.get("/internal/health/live", (_, response) => void response.send("mine")),
    );
    for (let i = 0; i < 3; i++)
      assert.equal((await read(withHealth, "/internal/health/live?x=1")).status, 200);
    assert.equal((await read(own, "/internal/health/live")).status, 200);
    const { line, span, series } = await told("GET /internal/health/live");
    assert.deepEqual(
      [line.status, line.route, span.name],
      [200, "/internal/health/live", "GET /internal/health/live"],
    );
    assert.match(String(line.RequestID), /^[\w-]{36}$/);
    assert.equal(series.count, 1);
    assert.equal(lines.filter(({ msg }) => String(msg).startsWith("web-http-")).length, 1);
  });
});

describe("A15: a request has one RequestID", () => {
  const app = (made: FastifyInstance): void => {
    made.get("/", async (request) => {
      logger.debug("inside");
      request.log.error({ by: "request" }, "text");
      return request.id;
    });
  };
  const ids = (): unknown[] => [...new Set(lines.map(({ RequestID }) => RequestID))];

  test("A15: Fastify's requestIdHeader is the header it comes in and goes back in", async (t) => {
    const options = {
      ...fastifyOptions({ logger }),
      requestIdHeader: "x-correlation-id",
    } as FastifyServerOptions;
    const port = await startFastify(t, app, options);
    const { headers } = await read(port, "/", { "x-correlation-id": "c-17", "x-request-id": "r-4" });
    await until(() => lines.length === 3);
    assert.deepEqual(ids(), ["c-17"]);
    assert.equal(headers["x-correlation-id"], "c-17");
    lines = [];
    const answer = await read(port, "/");
    await until(() => lines.length === 3);
    assert.deepEqual(ids(), [answer.headers["x-correlation-id"]]);
  });

  test("A15: an application's own genReqId makes the id of all lines", async (t) => {
    const options = { ...fastifyOptions({ logger }), genReqId: () => "own-1" } as FastifyServerOptions;
    const port = await startFastify(t, app, options);
    const { headers } = await read(port, "/", { "x-request-id": "r-4" });
    await until(() => lines.length === 3);
    assert.deepEqual(ids(), ["own-1"]);
    assert.equal(headers["x-request-id"], "own-1");
  });

  test("A15: an id of Fastify's that is too long for a line, or no text, is replaced on all lines alike", async (t) => {
    for (const made of ["x".repeat(3_000), "", { id: 7 }, 7n, null]) {
      lines = [];
      const options = {
        ...fastifyOptions({ logger }),
        genReqId: () => made,
      } as unknown as FastifyServerOptions;
      const port = await startFastify(
        t,
        (own) => void own.get("/", async ({ log }) => log.error("text")),
        options,
      );
      const { headers } = await read(port, "/");
      await until(() => lines.length === 2);
      assert.deepEqual(ids(), [headers["x-request-id"]]);
    }
  });

  test("A15: the header can be named for the plugin, and for fastifyOptions", async (t) => {
    const options = fastifyOptions({ logger, requestIdHeader: "X-Trace" }) as FastifyServerOptions;
    const port = await startFastify(t, app, options, "X-Trace");
    const { headers } = await read(port, "/", { "x-trace": "t-1" });
    await until(() => lines.length === 3);
    assert.deepEqual([ids(), headers["x-trace"]], [["t-1"], "t-1"]);
  });

  test("A15: an id that earlier middleware gave counts on Express, and goes back only where it is harmless", async (t) => {
    const port = await startExpress(t, (made) => {
      made.get("/", (request, response) => {
        request.log.error("by-request", {});
        response.send("ok");
      });
    });
    const own = express();
    own.use((request, _, next) => {
      Object.assign(request, { id: "bad id\n" });
      next();
    });
    own.use(loggerMiddleware({ logger }));
    own.get("/", (request, response) => {
      request.log.error("by-request", {});
      response.send("ok");
    });
    const server = own.listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    await read(port, "/", { "x-request-id": "r-5" });
    await until(() => lines.length === 2);
    assert.deepEqual(ids(), ["r-5"]);
    lines = [];
    const { headers } = await read((server.address() as AddressInfo).port, "/");
    await until(() => lines.length === 2);
    assert.deepEqual(ids(), ["bad id\n"]);
    assert.equal(headers["x-request-id"], undefined);
  });

  test("A15: a header's name that is none is refused", () => {
    for (const name of ["", "a b", 7, "x:y"]) {
      assert.throws(() => fastifyOptions({ logger, requestIdHeader: name as string }), /"requestIdHeader"/);
      assert.throws(() => loggerMiddleware({ logger, requestIdHeader: name as string }), /"requestIdHeader"/);
    }
  });
});
