import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createHealth, type Health } from "@whodunit/health";
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
import express from "express";
import Fastify from "fastify";

/** What the routes of all packages owe the application: Fastify's own options, and never a second answer. */

const TOKEN = "a-token-of-sixteen";
const logger = createLogger({ service: "routes", destination: { write: () => {} } });
let tracing: TracingRecorder;
before(() => {
  tracing = recordTracing({ service: "routes" });
});
after(() => tracing.close());

interface Asked {
  readonly status: number;
  readonly body: string;
}

/** One request; the body as far as it came. */
function ask(
  port: number,
  path: string,
  method = "GET",
  headers: Record<string, string> = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const typed = { "content-type": "application/json", ...headers };
    const outgoing = request({ port, path, method, agent: false, headers: typed }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("close", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    outgoing.on("error", reject);
    outgoing.end(method === "PUT" ? '{"prefix":"routes","level":null}' : undefined);
  });
}

/** Whatever was to be written by then has been. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

const bearer = { authorization: `Bearer ${TOKEN}` };
const WHERE: readonly [title: string, prefix: string | undefined, base: string][] = [
  ["no prefix", undefined, ""],
  ["a prefix", "/internal", "/internal"],
  ["a prefix of two segments", "/ops/v1", "/ops/v1"],
  ["a prefix with a slash at its end", "/internal/", "/internal"],
];

for (const [title, prefix, base] of WHERE) {
  test(`A16: all three Fastify plugins take ${title}, a logLevel and logSerializers; their routes stand there`, async (t) => {
    const app = Fastify();
    t.after(() => app.close());
    const added = {
      ...(prefix === undefined ? {} : { prefix }),
      logLevel: "warn",
      logSerializers: { user: () => "x" },
    } as const;
    const health = createHealth({ service: "routes" });
    await app.register(tracingPlugin, { token: TOKEN, ...added });
    await app.register(loggerPlugin, { logger, token: TOKEN, ...added });
    await app.register(healthPlugin, { health, ...added });
    app.get("/own", () => "own");
    const port = Number(new URL(await app.listen({ port: 0 })).port);
    for (const path of [
      "/debug/traffic",
      "/debug/level",
      "/health/status",
      "/health/live",
      "/health/ready",
    ]) {
      assert.equal((await ask(port, base + path, "GET", bearer)).status, 200, base + path);
      if (base !== "") assert.equal((await ask(port, path, "GET", bearer)).status, 404, path);
    }
    assert.equal((await ask(port, "/own")).body, "own");
  });
}

test("A16: the plugins' routes stand under the prefix of the scope that they are registered in", async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  const health = createHealth({ service: "routes" });
  await app.register(
    async (scope) => {
      await scope.register(tracingPlugin, { token: TOKEN, prefix: "/in" });
      await scope.register(loggerPlugin, { logger, token: TOKEN });
      await scope.register(healthPlugin, { health, prefix: "/in" });
    },
    { prefix: "/out" },
  );
  for (const url of ["/out/in/debug/traffic", "/out/debug/level", "/out/in/health/status"]) {
    assert.equal((await app.inject({ url, headers: bearer })).statusCode, 200, url);
  }
});

test("A16: an option that neither Fastify adds nor the plugin knows is refused by its name", async () => {
  const health = createHealth({ service: "routes" });
  const wrong: readonly [string, (app: ReturnType<typeof Fastify>) => PromiseLike<unknown>][] = [
    ["tracingPlugin", (app) => app.register(tracingPlugin, { tokn: TOKEN } as object)],
    [
      "loggerPlugin",
      (app) => app.register(loggerPlugin, { logger, tokn: TOKEN } as { logger: typeof logger }),
    ],
    ["healthPlugin", (app) => app.register(healthPlugin, { health, tokn: TOKEN } as { health: Health })],
  ];
  for (const [name, register] of wrong) {
    await assert.rejects(
      async () => register(Fastify()).then(() => {}),
      new RegExp(`${name}: option "tokn" is unknown`),
    );
  }
});

/** How a framework serves the three packages' routes behind a time-out of the application. */
type Serve = (options: {
  readonly health: Health;
  readonly authorize: () => Promise<boolean>;
  readonly onRequest: (response: ServerResponse) => void;
}) => Promise<{ server: Server; close: () => unknown }>;

const listening = async (listener: RequestListener): Promise<{ server: Server; close: () => unknown }> => {
  const server = createServer(listener).listen(0);
  await once(server, "listening");
  return { server, close: () => server.close() };
};

const FRAMEWORKS: Readonly<Record<string, Serve>> = {
  "bare http": async ({ health, authorize, onRequest }) => {
    const routed = withTracing(
      withLogger(
        withHealth((_request, response) => response.end("own"), { health }),
        { logger, authorize },
      ),
      { authorize },
    );
    return listening((incoming, response) => {
      onRequest(response);
      routed(incoming, response);
    });
  },
  Express: async ({ health, authorize, onRequest }) => {
    const app = express();
    app.use((_request, response, next) => {
      onRequest(response);
      next();
    });
    app.use(
      tracingMiddleware({ authorize }),
      loggerMiddleware({ logger, authorize }),
      healthRouter({ health }),
    );
    return listening(app);
  },
  Fastify: async ({ health, authorize, onRequest }) => {
    const app = Fastify();
    app.addHook("onRequest", (_request, reply, done) => {
      onRequest(reply.raw);
      done();
    });
    await app.register(tracingPlugin, { authorize });
    await app.register(loggerPlugin, { logger, authorize });
    await app.register(healthPlugin, { health });
    await app.listen({ port: 0 });
    return { server: app.server, close: () => app.close() };
  },
};

const ROUTES: readonly [method: string, path: string][] = [
  ["GET", "/debug/level"],
  ["PUT", "/debug/level"],
  ["GET", "/debug/traffic"],
  ["HEAD", "/debug/traffic"],
  ["GET", "/debug/tap"],
  ["GET", "/health/status"],
];

/** What the application does while `authorize` is asked. */
const MEANWHILE: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "its time-out answers": (response) => response.writeHead(503).end("timed out"),
  "it answers in part": (response) => {
    response.writeHead(503).write("timed ");
    // Later than whatever comes of the question.
    void turns().then(() => response.end("out"));
  },
  "it cuts the connection": (response) => response.destroy(),
};

/** What nobody listens to ends a process: the application must hear of none. */
function watchProcess(t: TestContext): unknown[] {
  const seen: unknown[] = [];
  const note = (error: unknown): void => void seen.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  t.after(() => process.off("uncaughtException", note).off("unhandledRejection", note));
  return seen;
}

for (const [framework, serve] of Object.entries(FRAMEWORKS)) {
  for (const [happening, answer] of Object.entries(MEANWHILE)) {
    test(`G1: on ${framework} no route writes when ${happening} while a rule of the application is asked`, async (t) => {
      const seen = watchProcess(t);
      let asked: (() => void) | undefined;
      const authorize = async (): Promise<boolean> => {
        asked?.();
        await setImmediate();
        return true;
      };
      const health = createHealth({ service: "routes", authorize });
      const { server, close } = await serve({
        health,
        authorize,
        onRequest: (response) => {
          asked = () => answer(response);
        },
      });
      t.after(close);
      const { port } = server.address() as AddressInfo;
      for (const [method, path] of ROUTES) {
        const got = await ask(port, path, method).catch(() => ({ status: 0, body: "cut" }));
        assert.ok([503, 0].includes(got.status), `${method} ${path}: ${got.status} ${got.body}`);
      }
      await turns();
      assert.deepEqual(seen, []);
    });
  }
}

test("G1: a PUT whose body comes after the application's time-out has answered ends no process", async (t) => {
  for (const [framework, serve] of Object.entries(FRAMEWORKS)) {
    const seen = watchProcess(t);
    const health = createHealth({ service: "routes" });
    let response: ServerResponse | undefined;
    const { promise: admitted, resolve: admit } = Promise.withResolvers<void>();
    const { server, close } = await serve({
      health,
      authorize: async () => {
        admit();
        return true;
      },
      onRequest: (given) => {
        response = given;
      },
    });
    t.after(close);
    const outgoing = request({
      port: (server.address() as AddressInfo).port,
      path: "/debug/level",
      method: "PUT",
      headers: { "content-type": "application/json" },
    });
    outgoing.write('{"prefix":');
    if (framework !== "Fastify") await admitted;
    else await once(server, "request");
    response?.writeHead(503).end("timed out");
    const [answered] = (await once(outgoing, "response")) as [import("node:http").IncomingMessage];
    outgoing.end('"routes","level":null}');
    answered.resume();
    await once(answered, "close");
    await turns();
    assert.deepEqual([framework, answered.statusCode, seen], [framework, 503, []]);
  }
});

test("G1: a tap that the application ends in the midst is left, and the next request ends no process", async (t) => {
  const seen = watchProcess(t);
  const { port } = await (async () => {
    const app = express();
    let follower: ServerResponse | undefined;
    app.use((incoming, response, next) => {
      if (incoming.url === "/debug/tap") follower = response;
      if (incoming.url === "/end") follower?.end();
      next();
    });
    app.use(tracingMiddleware({ authorize: () => true }));
    app.use((_request, response) => void response.end("own"));
    const { server, close } = await listening(app);
    t.after(close);
    return server.address() as AddressInfo;
  })();
  const following = request({ port, path: "/debug/tap" }).end();
  const [stream] = (await once(following, "response")) as [import("node:http").IncomingMessage];
  stream.resume();
  for (let round = 0; round < 3; round++) assert.equal((await ask(port, "/end")).body, "own");
  assert.deepEqual(seen, []);
});
