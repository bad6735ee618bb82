import assert from "node:assert/strict";
import { test } from "node:test";
import Fastify, { type FastifyBaseLogger, type FastifyServerOptions } from "fastify";
import { fastifyOptions, loggerPlugin } from "../../src/fastify.ts";
import type { PinoLogger } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";

/** What lines a handler writes through its request's logger. */
async function linesOf(use: (log: PinoLogger) => void, options: FastifyServerOptions = {}) {
  const capture = captureLogs();
  const app = Fastify({
    ...(fastifyOptions({ logger: capture.logger }) as FastifyServerOptions),
    ...options,
  });
  await app.register(loggerPlugin, { logger: capture.logger });
  app.get("/", async (request) => {
    use(request.log as FastifyBaseLogger as PinoLogger);
    return "ok";
  });
  await app.inject({ url: "/", headers: { "x-request-id": "r1" } });
  await app.close();
  return capture.lines.filter(({ msg }) => msg !== "test-http-response");
}

test("a request's logger writes the request's id, and so do its children", async () => {
  const lines = await linesOf((log) => {
    log.error("one", {});
    log.child({ part: "a" }).error("two", {});
    log.child({ part: "b" }).child({ deeper: 1 }).error("three", {});
  });
  assert.deepEqual(
    lines.map(({ msg, RequestID, part, deeper }) => [msg, RequestID, part, deeper]),
    [
      ["test-one", "r1", undefined, undefined],
      ["test-two", "r1", "a", undefined],
      ["test-three", "r1", "b", 1],
    ],
  );
});

test("a request's logger tells its bindings, takes more of them, and keeps them from its parent", async () => {
  const told: unknown[] = [];
  const lines = await linesOf((log) => {
    told.push(log.bindings().RequestID);
    log.setBindings({ tenant: "acme" });
    told.push(log.bindings().tenant);
    log.error("one", {});
    Object.getPrototypeOf(Object.getPrototypeOf(log)).error("by-parent", {});
  });
  assert.deepEqual(told, ["r1", "acme"]);
  assert.deepEqual(
    lines.map(({ msg, tenant }) => [msg, tenant]),
    [
      ["test-one", "acme"],
      ["test-by-parent", undefined],
    ],
  );
});

test("a request's logger set before it is used keeps what was set", async () => {
  const lines = await linesOf((log) => {
    log.setBindings({ first: 1 });
    log.level = "error";
    log.info({}, "not written");
    log.error("one", {});
  });
  assert.deepEqual(
    lines.map(({ msg, first, RequestID }) => [msg, first, RequestID]),
    [["test-one", 1, "r1"]],
  );
});

test("whoever is told of each child is told of a request's", async () => {
  const told: PinoLogger[] = [];
  const capture = captureLogs();
  (capture.logger.pino as { onChild: (child: PinoLogger) => void }).onChild = (child) =>
    void told.push(child);
  const app = Fastify(fastifyOptions({ logger: capture.logger }) as FastifyServerOptions);
  app.get("/", async () => "ok");
  const before = told.length;
  await app.inject("/");
  await app.close();
  assert.ok(told.length > before);
});

test("a route's own level holds for its requests' logger and for no other's", async () => {
  const capture = captureLogs();
  const app = Fastify(fastifyOptions({ logger: capture.logger }) as FastifyServerOptions);
  await app.register(loggerPlugin, { logger: capture.logger });
  for (const logLevel of ["silent", "error", undefined] as const) {
    app.get(`/${logLevel}`, logLevel === undefined ? {} : { logLevel }, async (request) => {
      request.log.info({}, "quiet");
      const log = request.log as FastifyBaseLogger as PinoLogger;
      log.error({}, `loud ${log.bindings().RequestID}`);
      return request.log.level;
    });
  }
  for (const turn of [1, 2]) {
    const levels = await Promise.all(
      ["silent", "error", undefined].map(async (level) => {
        const id = `${level}-${turn}`;
        return (await app.inject({ url: `/${level}`, headers: { "x-request-id": id } })).body;
      }),
    );
    assert.deepEqual(levels, ["silent", "error", "trace"]);
  }
  await app.close();
  const written = capture.lines.flatMap(({ text, RequestID }) =>
    text === undefined ? [] : [`${RequestID}: ${text}`],
  );
  assert.deepEqual(written.toSorted(), [
    "error-1: loud error-1",
    "error-2: loud error-2",
    "undefined-1: loud undefined-1",
    "undefined-1: quiet",
    "undefined-2: loud undefined-2",
    "undefined-2: quiet",
  ]);
});
