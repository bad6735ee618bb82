import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { pipeline, Readable } from "node:stream";
import { after, before, type TestContext, test } from "node:test";
import { requestsInFlight } from "@whodunit/core";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { observeExpressError, tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { recordTracing, type TracingRecorder } from "@whodunit/tracing/testing";
import express from "express";
import fc from "fast-check";
import Fastify from "fastify";
import { runs } from "./helpers/scale.ts";
import { until } from "./helpers/until.ts";

/**
 * Whatever a client sends over a connection, and whatever a handler does with it: with the plugins each byte of the answers
 * is as without, and each request is told by one line, one span and one count.
 */
/**
 * Waits for a response's turn, and for all of it to be out so far. Whether the answers before it are lost with a connection
 * that is cut behind them hangs on how many turns of the event loop each takes.
 */
async function turnOf(request: IncomingMessage, response: ServerResponse): Promise<void> {
  while (!request.socket.destroyed && (response.socket === null || response.writableLength > 0))
    await new Promise((resolve) => setImmediate(resolve));
}

const failing = (request: IncomingMessage, response: ServerResponse): Readable =>
  Readable.from(
    (async function* () {
      yield "some";
      await turnOf(request, response);
      throw new Error("no more rows");
    })(),
  );

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What handlers do with a response. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  end: (_, response) => response.end("ok"),
  empty: (_, response) => response.writeHead(204).end(),
  unmodified: (_, response) => response.writeHead(304).end(),
  late: (_, response) => void setImmediate(() => response.end("late")),
  parts: (_, response) => {
    response.write("a");
    setImmediate(() => response.write("b", () => response.end("c")));
  },
  large: (_, response) => response.end("x".repeat(20_000)),
  stream: (_, response) => pipeline(Readable.from(["x", "y", "z"]), response, () => {}),
  broken: (request, response) => pipeline(failing(request, response), response, () => {}),
  twice: (_, response) => {
    response.on("error", () => {}).end("one");
    response.end("two");
  },
  rawHead: (_, response) => response.writeHead(201, "Made", ["X-A", "1", "X-A", "2"]).end("made"),
  length: (_, response) => response.writeHead(200, { "content-length": "2" }).end("ok"),
  trailers: (request, response) => {
    if (request.httpVersion === "1.0" || request.method === "HEAD") return response.end();
    response.setHeader("trailer", "x-t").write("t");
    response.addTrailers({ "x-t": "1" });
    return response.end();
  },
  hints: (_, response) => {
    response.writeEarlyHints({ link: "</a.css>; rel=preload" });
    response.end("hinted");
  },
  echo: (request, response) => request.pipe(response),
  counts: async (request, response) => {
    let length = 0;
    try {
      for await (const chunk of request) length += chunk.length;
      response.end(`${length}`);
    } catch {
      response.destroy();
    }
  },
  events: (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    setImmediate(() => response.end());
  },
  head: (_, response) => {
    response.flushHeaders();
    setImmediate(() => response.end("late"));
  },
  corked: (_, response) => {
    response.cork();
    response.write("1");
    response.write("2");
    response.uncork();
    response.end("3");
  },
  lateHeader: (_, response) => {
    response.write("body");
    assert.throws(() => response.setHeader("x", "y"), { code: "ERR_HTTP_HEADERS_SENT" });
    response.end();
  },
  wrongStatus: (_, response) => {
    assert.throws(() => response.writeHead(99), { code: "ERR_HTTP_INVALID_STATUS_CODE" });
    response.statusCode = 500;
    response.end("wrong");
  },
  close: (_, response) => response.setHeader("connection", "close").end("bye"),
  destroy: (_, response) => void response.destroy(),
  cut: async (request, response) => {
    await turnOf(request, response);
    request.socket.destroy();
  },
};
const THROWN = {
  thrown: new Error("thrown"),
  refused: Object.assign(new Error("refused"), { status: 418, statusCode: 418 }),
};

const NO_REQUEST = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

let tracing: TracingRecorder;
let lines: string[] = [];
const logger = createLogger({
  service: "web",
  throttle: false,
  destination: { write: (line: string) => void lines.push(String(JSON.parse(line).msg)) },
});
before(() => {
  tracing = recordTracing({ service: "web" });
});
after(() => tracing.close());

async function startExpress(isObserved: boolean): Promise<Server> {
  const app = express().set("env", "production");
  if (isObserved) app.use(tracingMiddleware(), loggerMiddleware({ logger }));
  for (const [name, handler] of Object.entries(HANDLERS))
    app.all(`/${name}`, (request, response) => void handler(request, response));
  for (const [name, error] of Object.entries(THROWN)) {
    app.all(`/${name}`, () => {
      throw error;
    });
  }
  app.all(
    "/json",
    express.json({ limit: 1_000 }),
    (request, response) => void response.json(request.body ?? null),
  );
  if (isObserved) app.use(observeExpressError);
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function startFastify(isObserved: boolean): Promise<Server> {
  const app = Fastify();
  if (isObserved) {
    await app.register(tracingPlugin);
    await app.register(loggerPlugin, { logger });
  }
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  for (const [name, handler] of Object.entries(HANDLERS)) {
    app.all(`/${name}`, (request, reply) => {
      reply.hijack();
      void handler(request.raw, reply.raw);
    });
  }
  for (const [name, error] of Object.entries(THROWN)) app.all(`/${name}`, async () => Promise.reject(error));
  app.all("/json", { bodyLimit: 1_000 }, async (request) => request.body ?? null);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
}

const path = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(...Object.keys(HANDLERS), ...Object.keys(THROWN), "json")
      .map((name) => `/${name}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("/", "/%zz", "//x/y", "/END", "/end/", "/end?a=%zz&b", "http://a/end", "/é"),
  },
);
const body = fc.tuple(
  fc.constantFrom('{"a":1}', "{bad", "x".repeat(3_000), ""),
  fc.constantFrom("application/json", "text/plain", "odd"),
  fc.boolean(),
);
const requestText = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS"),
    path,
    version: fc.constantFrom("1.1", "1.1", "1.1", "1.0"),
    body: fc.option(body),
    more: fc.subarray(
      [
        "Connection: Upgrade\r\nUpgrade: odd",
        "Expect: 100-continue",
        "traceparent: none",
        "X-Request-Id: a b",
        "X-Request-Id: r-1",
      ],
      { maxLength: 2 },
    ),
  })
  .map(({ method, path, version, body, more }) => {
    const head = [`${method} ${path} HTTP/${version}`, "Host: a", ...more];
    if (body === null || version === "1.0") return `${head.join("\r\n")}\r\n\r\n`;
    const [text, type, isChunked] = body;
    const size = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${text.length}`;
    const chunk = text === "" ? "" : `${text.length.toString(16)}\r\n${text}\r\n`;
    return `${[...head, `Content-Type: ${type}`, size].join("\r\n")}\r\n\r\n${isChunked ? `${chunk}0\r\n\r\n` : text}`;
  });

/** Sends it in pieces over one connection, says that no more comes, and reads to the end. */
async function send(server: Server, pieces: readonly Buffer[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  await closed;
  return Buffer.concat(chunks)
    .toString("latin1")
    .replace(/^(?:date|x-request-id): [^\r]*\r\n/gim, "");
}

const STARTS: Readonly<Record<string, (isObserved: boolean) => Promise<Server>>> = {
  Express: startExpress,
  Fastify: startFastify,
};

for (const [name, start] of Object.entries(STARTS)) {
  test(`whatever is sent to ${name} and however it is handled, the answers are as without the plugins, and each request is told once`, async (t: TestContext) => {
    const [bare, observed] = [await start(false), await start(true)];
    t.after(() => {
      for (const server of [bare, observed]) server.close().closeAllConnections();
    });
    let seen = 0;
    let sum = 0;
    observed.prependListener("request", () => seen++);
    const counted = (): number =>
      tracing.traffic
        .snapshot()
        .series.filter(({ side, windowS }) => side === "server" && windowS === 600)
        .reduce((sum, { count, aborted }) => sum + count + aborted, 0);
    const before = counted();
    await fc.assert(
      fc.asyncProperty(
        fc.array(requestText, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(300), { maxLength: 3 }),
        fc.option(fc.nat(400)),
        async (texts, cuts, end) => {
          const all = Buffer.from(texts.join(""), "latin1");
          // What is cut off within a request, too.
          const bytes = all.subarray(0, end === null ? all.length : all.length - Math.min(end, all.length));
          const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
          const pieces = at.slice(1).map((to, index) => bytes.subarray(at[index], to));
          lines = [];
          tracing.clear();
          seen = 0;
          const answers = [await send(observed, pieces), await send(bare, pieces)];
          // What Node itself says of bytes that are no request comes before or behind the answers under way, as it happens.
          if (!answers.some((answer) => answer.includes(NO_REQUEST))) assert.equal(answers[0], answers[1]);
          const spans = (): number => tracing.spans.filter(({ kind }) => kind === 1).length;
          const ends = (): number => lines.filter((line) => line.startsWith("web-http-")).length;
          await until(() => spans() >= seen && ends() >= seen && requestsInFlight() === 0);
          sum += seen;
          assert.deepEqual([spans(), ends()], [seen, seen], "spans and lines");
        },
      ),
      { numRuns: runs(500) },
    );
    assert.equal(counted() - before, sum, "requests counted");
  });
}
