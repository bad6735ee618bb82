import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Fastify from "fastify";
import { fastifyOptions, loggerPlugin } from "../../src/fastify.ts";
import type { PinoLogger } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";

process.env.NODE_ENV = "test";

describe("L5: the level of a pino child", () => {
  it("raises verbosity over the threshold, for its children too, and for no others", () => {
    const capture = captureLogs({ level: "error" });
    const { pino } = capture.logger;
    const child = pino.child({ a: 1 }, { level: "debug" });
    child.debug("by child");
    child.info("started", { b: 1 });
    child.child({}).debug("by grandchild");
    child.trace("below the child's level");
    pino.debug("by parent");
    capture.logger.debug("own");
    assert.deepEqual(
      capture.lines.map(({ level, msg, text, a }) => [level, msg, text, a]),
      [
        ["debug", "test-unnamed", "by child", 1],
        ["debug", "test-started", undefined, 1],
        ["debug", "test-unnamed", "by grandchild", 1],
      ],
    );
  });

  it("may be set later, and is what isLevelEnabled() says", () => {
    const capture = captureLogs({ level: "error" });
    const child = capture.logger.pino.child({});
    assert.equal(child.isLevelEnabled("info"), false);
    child.level = "info";
    assert.equal(child.level, "info");
    assert.deepEqual([child.isLevelEnabled("info"), child.isLevelEnabled("debug")], [true, false]);
    child.info("shown");
    child.debug("not shown");
    child.level = "silent";
    assert.equal(child.level, "silent");
    child.error("not shown either");
    assert.deepEqual(
      capture.lines.map(({ text }) => text),
      ["shown"],
    );
  });

  it("lowers it as pino's does, and inherits what a parent set", () => {
    const capture = captureLogs({ level: "debug" });
    const warned = capture.logger.pino.child({}, { level: "warn" });
    warned.info("not shown");
    warned.child({}, { level: "trace" }).trace("shown");
    warned.child({}, {}).info("not shown");
    assert.deepEqual(
      capture.lines.map(({ text }) => text),
      ["shown"],
    );
  });

  it("is a route's logLevel in Fastify, under the threshold error", async (t) => {
    const capture = captureLogs({ level: "error" });
    const app = Fastify(fastifyOptions({ logger: capture.logger }));
    t.after(() => app.close());
    await app.register(loggerPlugin, { logger: capture.logger });
    const answer = async (request: { log: { debug(text: string): void } }) => {
      request.log.debug("inside");
      return "ok";
    };
    app.get("/loud", { logLevel: "debug" }, answer);
    app.get("/quiet", answer);
    await app.inject("/loud");
    await app.inject("/quiet");
    assert.deepEqual(
      capture.lines.map(({ text }) => text),
      ["inside"],
    );
  });
});

describe("L5: a factory of pino children never throws", () => {
  const options: Readonly<Record<string, object>> = {
    "redact by paths": { redact: ["plate", "car.plate", "*.plate", 'list[*]["plate"]'] },
    "redact by an object, with a censor": { redact: { paths: ["a.b.plate"], censor: "x" } },
    "redact with wrong paths": { redact: ["plate", "..", "[", 7] },
    "empty formatters": { formatters: {}, redact: ["plate"] },
    "a level that is none": { level: "verbose", redact: ["plate"] },
    "custom levels that are taken": { customLevels: { debug: 35 }, redact: ["plate"] },
  };
  for (const [what, option] of Object.entries(options)) {
    it(`at ${what}, and hides what the paths name, at any depth`, () => {
      const capture = captureLogs();
      const child = capture.logger.pino.child({ plate: "S-AB 1" }, option);
      child.error({ car: { plate: "S-AB 2" }, list: [{ plate: "S-AB 3" }], color: "red" }, "stopped");
      child.child({ plate: "S-AB 4" }).error("driven", { plate: "S-AB 5" });
      child.error("%o", { plate: "S-AB 6" });
      assert.equal(capture.lines.length, 3);
      assert.doesNotMatch(capture.text, /S-AB/);
      assert.equal(capture.lines[0]?.color, "red");
      assert.equal(capture.lines[0]?.text, "stopped");
    });
  }

  it("in a request of Fastify, whatever the factory gives", async (t) => {
    const capture = captureLogs();
    const app = Fastify({
      ...fastifyOptions({ logger: capture.logger }),
      childLoggerFactory: (logger, bindings, given) =>
        logger.child(bindings, { ...given, redact: ["plate"], formatters: {}, level: "verbose" }),
    });
    t.after(() => app.close());
    app.get("/", async (request) => {
      request.log.info({ plate: "S-AB 1" }, "inside");
      return "ok";
    });
    assert.equal((await app.inject("/")).statusCode, 200);
    assert.deepEqual([capture.lines[0]?.text, capture.lines[0]?.plate], ["inside", "[Redacted]"]);
  });

  it("and its formatters shape the fields, unless they throw", () => {
    const capture = captureLogs();
    const formatters = {
      bindings: (bindings: object) => ({ ...bindings, bound: true }),
      log: (fields: object) => ({ ...fields, formatted: true }),
    };
    const child = capture.logger.pino.child({ a: 1 }, { formatters });
    child.info({ b: 1 }, "text");
    const broken = { log: () => assert.fail("formatter"), bindings: () => assert.fail("formatter") };
    capture.logger.pino.child({ a: 1 }, { formatters: broken }).info({ b: 1 }, "text");
    const own = capture.lines.map(({ a, b, bound, formatted }) => ({ a, b, bound, formatted }));
    assert.deepEqual(own, [
      { a: 1, b: 1, bound: true, formatted: true },
      { a: 1, b: 1, bound: undefined, formatted: undefined },
    ]);
  });
});

describe("A4: who brings pino's levels says which of them ask for attention", () => {
  const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
  const written = (options: object) => {
    const capture = captureLogs(options);
    for (const level of levels) (capture.logger.pino as PinoLogger)[level](level);
    return Object.fromEntries(capture.lines.map(({ text, level }) => [text, level]));
  };

  it("warn may be a debug line, under the threshold that LOG_LEVEL says", () => {
    const all = { trace: "debug", debug: "debug", info: "debug", warn: "debug" };
    const errors = { error: "error", fatal: "error" };
    assert.deepEqual(written({ pinoErrorFrom: "error" }), { ...all, ...errors });
    assert.deepEqual(written({ pinoErrorFrom: "error", level: "info" }), {
      info: "debug",
      warn: "debug",
      ...errors,
    });
    assert.deepEqual(written({ pinoErrorFrom: "error", level: "warn" }), { warn: "debug", ...errors });
    assert.deepEqual(written({ pinoErrorFrom: "error", level: "error" }), errors);
    assert.deepEqual(written({ pinoErrorFrom: "fatal", level: "error" }), { error: "debug", fatal: "error" });
    assert.deepEqual(written({ level: "info" }), { info: "debug", warn: "error", ...errors });
    assert.deepEqual(written({ level: "debug" }), { ...all, warn: "error", ...errors });
  });

  it("LOG_LEVEL=info shows pino's info and no line a request, by prefix too", async (t) => {
    for (const level of ["info", "error,web=info", "debug,web=warn,web-unnamed=info"]) {
      const capture = captureLogs({ service: "web", level });
      const app = Fastify(fastifyOptions({ logger: capture.logger }));
      t.after(() => app.close());
      await app.register(loggerPlugin, { logger: capture.logger });
      app.get("/", async (request) => {
        request.log.info("inside");
        request.log.debug("not shown");
        return "ok";
      });
      await app.inject("/");
      assert.deepEqual(
        capture.lines.map(({ msg, text }) => [msg, text]),
        [["web-unnamed", "inside"]],
        level,
      );
    }
  });

  it("a level that is none of pino's is refused", () => {
    assert.throws(
      () => captureLogs({ pinoErrorFrom: "loud" as never }),
      /option "pinoErrorFrom" is "loud", want "warn" or "error" or "fatal"/,
    );
  });
});
