import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, request, type ServerResponse } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import { createRequire } from "node:module";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { createHealth } from "@whodunit/health";
import { healthRouter } from "@whodunit/health/express";
import { healthPlugin } from "@whodunit/health/fastify";
import { withHealth } from "@whodunit/health/node";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { withLogger } from "@whodunit/logger/node";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { withTracing } from "@whodunit/tracing/node";
import { recordTracing, type TracingRecorder } from "@whodunit/tracing/testing";
import express4 from "express4";
import Fastify, { type FastifyInstance } from "fastify";
import { Hono } from "hono";
import { watchProcess } from "./helpers/watch-process.ts";

/** The routes of all packages where the application has answered first: over HTTP/2, on other frameworks, by other ways. */

// It has no types of its own.
const Koa = createRequire(import.meta.url)("koa") as new () => { callback(): RequestListener };
const logger = createLogger({ service: "late", destination: { write: () => {} } });
let tracing: TracingRecorder;
before(() => {
  tracing = recordTracing({ service: "late" });
});
after(() => tracing.close());

type Authorize = () => Promise<boolean>;
/** Serves the routes of all packages, and hands each response to `onRequest` before they see it. */
type Serve = (
  authorize: Authorize,
  onRequest: (response: ServerResponse) => void,
) => Promise<{ port: number; close: () => unknown }>;

async function listening(
  server: ReturnType<typeof createServer>,
): Promise<{ port: number; close: () => unknown }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function wrapped(
  listener: RequestListener,
  authorize: Authorize,
  onRequest: (response: ServerResponse) => void,
): RequestListener {
  const health = createHealth({ service: "late", authorize });
  const routed = withTracing(withLogger(withHealth(listener, { health }), { logger, authorize }), {
    authorize,
  });
  return (incoming, response) => {
    onRequest(response);
    routed(incoming, response);
  };
}

async function onFastify(
  app: FastifyInstance,
  authorize: Authorize,
  onRequest: (raw: ServerResponse) => void,
) {
  app.addHook("onRequest", (_request, reply, done) => {
    onRequest(reply.raw);
    done();
  });
  await app.register(tracingPlugin, { authorize });
  await app.register(loggerPlugin, { logger, authorize });
  await app.register(healthPlugin, { health: createHealth({ service: "late", authorize }) });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}

const OVER_HTTP1: Readonly<Record<string, Serve>> = {
  "Express 4": (authorize, onRequest) => {
    const app = express4();
    app.use((_request, response, next) => {
      onRequest(response);
      next();
    });
    const health = createHealth({ service: "late", authorize });
    app.use(
      tracingMiddleware({ authorize }),
      loggerMiddleware({ logger, authorize }),
      healthRouter({ health }),
    );
    return listening(createServer(app));
  },
  Koa: (authorize, onRequest) => listening(createServer(wrapped(new Koa().callback(), authorize, onRequest))),
  Hono: (authorize, onRequest) =>
    listening(createServer(wrapped(getRequestListener(new Hono().fetch), authorize, onRequest))),
  "Fastify with a hook that waits": (authorize, onRequest) => {
    const app = Fastify();
    app.addHook("onSend", async (_request, _reply, payload) => {
      await setImmediate();
      return payload;
    });
    return onFastify(app, authorize, onRequest);
  },
};

const OVER_HTTP2: Readonly<Record<string, Serve>> = {
  "node:http2": (authorize, onRequest) => {
    const listener = wrapped((_incoming, response) => response.end("own"), authorize, onRequest);
    return listening(createHttp2Server(listener as never) as never);
  },
  "Fastify over HTTP/2": (authorize, onRequest) =>
    onFastify(Fastify({ http2: true }) as never as FastifyInstance, authorize, onRequest),
};

const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ["GET", "/debug/level"],
  ["PUT", "/debug/level"],
  ["GET", "/debug/traffic"],
  ["HEAD", "/debug/traffic"],
  ["GET", "/debug/tap"],
  ["GET", "/health/status"],
  ["OPTIONS", "/health/status"],
];

/** What the application does while its rule is asked. */
const MEANWHILE: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "its time-out answers": (response) => response.writeHead(503).end("timed out"),
  "it sends the headers alone": (response) => {
    response.statusCode = 503;
    response.flushHeaders();
    void turns().then(() => response.end());
  },
  "it ends without a word": (response) => {
    response.statusCode = 503;
    response.end();
  },
  "it cuts the connection": (response) => response.destroy(),
};

/** Whatever was to be written by then has been. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

const BODY = '{"prefix":"late","level":null}';

/** The status and the body as far as it came; 0 where the connection was cut before. */
function ask(port: number, method: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = { "content-type": "application/json" };
    const outgoing = request({ port, host: "127.0.0.1", path, method, agent: false, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("error", () => {}).on("close", () => resolve(`${response.statusCode} ${body}`.trim()));
    });
    outgoing.on("error", () => resolve("0"));
    outgoing.end(method === "PUT" ? BODY : undefined);
  });
}

function askHttp2(port: number, method: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const session = connect(`http://127.0.0.1:${port}`).on("error", () => {});
    const stream = session.request(
      { ":method": method, ":path": path, "content-type": "application/json" },
      { endStream: method !== "PUT" },
    );
    let status = 0;
    let body = "";
    stream.setEncoding("utf8");
    stream.on("response", (headers) => (status = Number(headers[":status"])));
    stream.on("data", (chunk: string) => (body += chunk)).on("error", () => {});
    stream.on("close", () => {
      session.destroy();
      resolve(`${status} ${body}`.trim());
    });
    if (method === "PUT") stream.end(BODY);
  });
}

const OWN = /prefix|series|Status|unauthorized/;

for (const [over, frameworks, by] of [
  ["HTTP/1.1", OVER_HTTP1, ask],
  ["HTTP/2", OVER_HTTP2, askHttp2],
] as const) {
  for (const [framework, serve] of Object.entries(frameworks)) {
    for (const [happening, answer] of Object.entries(MEANWHILE)) {
      test(`G1: over ${over}, on ${framework}, no route writes when ${happening} while a rule is asked`, async (t) => {
        const seen = watchProcess(t);
        let response: ServerResponse | undefined;
        const rule = async (): Promise<boolean> => {
          answer(response as ServerResponse);
          await setImmediate();
          return true;
        };
        const { port, close } = await serve(rule, (given) => {
          response = given;
        });
        t.after(close);
        for (const [method, path] of ROUTES) {
          const got = await by(port, method, path);
          assert.match(got, /^(503|0)( |$)/, `${method} ${path}`);
          assert.doesNotMatch(got, OWN, `${method} ${path}`);
        }
        await turns();
        assert.deepEqual(seen, []);
      });
    }
  }
}

test("G1: a PUT whose sender goes in the middle of its body, sends too much or none ends no process", async (t) => {
  const seen = watchProcess(t);
  const admitted = { now: Promise.withResolvers<void>() };
  const rule = async (): Promise<boolean> => {
    admitted.now.resolve();
    return true;
  };
  const bodies: Readonly<Record<string, string>> = {
    "half a body": 'content-length: 100\r\n\r\n{"prefix":',
    "half a chunk": 'transfer-encoding: chunked\r\n\r\nff\r\n{"prefix":',
    "a chunk of no size there is": "transfer-encoding: chunked\r\n\r\nzz\r\n",
    "too much": `content-length: 9000\r\n\r\n${"x".repeat(9_000)}`,
    "nothing of what was said": "content-length: 10\r\n\r\n",
    "a body that is expected to be asked for": 'expect: 100-continue\r\ncontent-length: 30\r\n\r\n{"prefix":',
  };
  for (const [framework, serve] of Object.entries(OVER_HTTP1)) {
    if (framework.startsWith("Fastify")) continue;
    const { port, close } = await serve(rule, () => {});
    t.after(close);
    for (const [title, text] of Object.entries(bodies)) {
      admitted.now = Promise.withResolvers();
      const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
      const gone = once(socket, "close");
      socket.write(`PUT /debug/level HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${text}`);
      await admitted.now.promise;
      socket.destroy();
      await gone;
      await turns();
      assert.deepEqual([framework, title, seen], [framework, title, []]);
    }
  }
});

test("G1: a rule that never answers, throws late or answers twice ends no process and lets nobody in", async (t) => {
  const seen = watchProcess(t);
  const rules: Readonly<Record<string, () => unknown>> = {
    "throws at once": () => {
      throw new Error("rule");
    },
    "rejects with nothing": () => Promise.reject(undefined),
    "resolves with a truthy text": async () => "yes",
    "is a thenable that answers twice": () => ({
      // biome-ignore lint/suspicious/noThenProperty: it is what a hostile or careless rule gives back.
      then: (yes: (value: unknown) => void, no: (error: unknown) => void) => {
        yes(1);
        no(new Error("again"));
        yes(true);
      },
    }),
    "is a thenable that throws": () => ({
      // biome-ignore lint/suspicious/noThenProperty: as above.
      then: () => {
        throw new Error("rule");
      },
    }),
  };
  for (const [title, rule] of Object.entries(rules)) {
    for (const [framework, serve] of Object.entries({ ...OVER_HTTP1, ...OVER_HTTP2 })) {
      const { port, close } = await serve(rule as Authorize, () => {});
      const by = framework in OVER_HTTP2 ? askHttp2 : ask;
      for (const path of ["/debug/level", "/debug/traffic", "/debug/tap"])
        assert.match(await by(port, "GET", path), /^401 /, `${title}, ${framework}, ${path}`);
      assert.match(await by(port, "GET", "/health/status"), /^200 /, title);
      await close();
    }
  }
  await turns();
  assert.deepEqual(seen, []);
});
