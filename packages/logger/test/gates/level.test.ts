import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import express from "express";
import Fastify from "fastify";
import { until } from "../../../../test/helpers/until.ts";
import { loggerMiddleware } from "../../src/express.ts";
import { fastifyOptions, loggerPlugin } from "../../src/fastify.ts";
import { type Logger, withContext } from "../../src/index.ts";
import { withLogger } from "../../src/node.ts";
import { captureLogs } from "../../src/testing.ts";

process.env.NODE_ENV = "test";

describe("levels", () => {
  // Whether a line of our own debug is written.
  const table: [level: string, name: string[], written: boolean][] = [
    ["error", ["a"], false],
    ["debug", ["a"], true],
    ["trace", ["a"], true],
    ["info", ["a"], false],
    ["warn", ["a"], false],
    ["error,brkr-some=debug", ["somesystem"], false],
    ["error,brkr-some=debug", ["some"], true],
    ["error,brkr-some=debug", ["some", "http"], true],
    ["error, brkr-some = debug , brkr-some-http=error", ["some", "http"], false],
    ["error, brkr-some=debug, brkr-some-http=error", ["some", "tcp"], true],
    ["error,brkr-a-x=debug", ["a"], true],
    ["error,brkr-a-y=debug", ["a"], false],
    ["debug,brkr=error", ["a"], false],
  ];
  for (const [level, names, written] of table) {
    it(`"${level}" ${written ? "lets" : "does not let"} brkr-${names.join("-")}-x through`, () => {
      const capture = captureLogs({ service: "brkr", level });
      const log = names.reduce<Logger>((logger, name) => logger.child(name), capture.logger);
      log.debug("x");
      log.pino.debug("x", {});
      assert.equal(capture.lines.length, written ? 2 : 0);
      log.error("x");
      assert.equal(capture.lines.at(-1)?.level, "error", "an error line always passes");
    });
  }

  it("have no words but debug, error and pino's", () => {
    for (const word of ["constructor", "__proto__", "tostring", ""]) {
      assert.throws(() => captureLogs({ level: word }), /option "level" is ".*", want "debug" or "error"/);
      assert.throws(() => captureLogs({ level: `error,test-a=${word}` }), /option "level" is "error,test-a=/);
    }
  });

  it("come from LOG_LEVEL, else from NODE_ENV", (t) => {
    t.after(() => {
      process.env.NODE_ENV = "test";
      delete process.env.LOG_LEVEL;
    });
    process.env.LOG_LEVEL = "loud";
    assert.throws(() => captureLogs({ level: undefined as never }), /option "LOG_LEVEL" is "loud"/);
    process.env.LOG_LEVEL = "error,test-a=debug";
    const fromVariable = captureLogs({ level: undefined as never });
    fromVariable.logger.debug("b");
    fromVariable.logger.child("a").debug("x");
    assert.deepEqual(
      fromVariable.lines.map((line) => line.msg),
      ["test-a-x"],
    );
    delete process.env.LOG_LEVEL;
    process.env.NODE_ENV = "production";
    const inProduction = captureLogs({ level: undefined as never });
    inProduction.logger.debug("b");
    assert.equal(inProduction.text, "");
  });
});

describe("Logger.setLevel()", () => {
  it("reaches 10,000 existing loggers and all later ones, and says so in one line", () => {
    const capture = captureLogs({ service: "brkr", level: "error" });
    const { logger } = capture;
    const under = Array.from({ length: 10_000 }, (_, n) =>
      logger.child("some").child(`m${n}` as string, { n }),
    );
    const beside = logger.child("somewhere");
    for (const log of [...under, beside]) log.debug("before");
    assert.equal(capture.text, "");
    logger.setLevel("brkr-some", "debug", { by: "ada" });
    for (const log of [...under, beside]) log.debug("after");
    logger.child("some").child("new").debug("after");
    assert.equal(capture.lines.length, 10_002);
    const { prefix, from, to, by, level, msg } = capture.lines[0]!;
    assert.deepEqual(
      { prefix, from, to, by, level, msg },
      {
        prefix: "brkr-some",
        from: "error",
        to: "debug",
        by: "ada",
        level: "debug",
        msg: "brkr-log-level-changed",
      },
    );
    logger.setLevel("brkr-some", null);
    capture.clear();
    for (const log of under) log.debug("reset");
    assert.equal(capture.text, "");
  });

  it("reverts after ttlMs by itself and says so, to the level before", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const capture = captureLogs({ service: "brkr", level: "error" });
    const { logger } = capture;
    logger.setLevel("brkr", "debug", { ttlMs: 60_000 });
    t.mock.timers.tick(30_000);
    // Again, before the first has ended: the level before both comes back.
    withContext({ RequestID: "r1" }, () => {
      logger.setLevel("brkr", "debug", { ttlMs: 60_000 });
      t.mock.timers.tick(59_999);
    });
    logger.debug("on");
    withContext({ RequestID: "r1" }, () => t.mock.timers.tick(1));
    logger.debug("off");
    assert.deepEqual(
      capture.lines.map(({ msg, from, to, by, RequestID }) => ({ msg, from, to, by, RequestID })).slice(-3),
      [
        { msg: "brkr-log-level-changed", from: "debug", to: "debug", by: "code", RequestID: "r1" },
        { msg: "brkr-on", from: undefined, to: undefined, by: undefined, RequestID: undefined },
        { msg: "brkr-log-level-changed", from: "debug", to: "error", by: "ttl", RequestID: undefined },
      ],
    );
  });

  it("refuses wrong arguments", () => {
    const { logger } = captureLogs();
    assert.throws(() => logger.setLevel("Bad Name", "debug"), /option "prefix" is "Bad Name", want a name/);
    assert.throws(
      () => logger.setLevel("a", "off" as never),
      /option "level" is "off", want "debug", "error" or null/,
    );
    assert.throws(() => logger.setLevel("a", "debug", { ttlMs: 0 }), /option "ttlMs" is 0/);
    assert.throws(() => logger.setLevel("a", "debug", { ttl: 1 } as never), /option "ttl" is unknown/);
  });
});

describe("levelSignal", () => {
  it("switches debug on at the signal, and off at the next", async () => {
    const before = process.listenerCount("SIGHUP");
    const capture = captureLogs({ level: "error", levelSignal: "SIGHUP" });
    const { logger } = capture;
    const changes = () => capture.lines.filter((line) => line.msg === "test-log-level-changed").length;
    process.kill(process.pid, "SIGHUP");
    await until(() => changes() === 1, "the signal");
    logger.debug("on");
    process.kill(process.pid, "SIGHUP");
    await until(() => changes() === 2, "the signal");
    logger.debug("off");
    assert.deepEqual(
      capture.lines.map((line) => [line.msg, line.by]),
      [
        ["test-log-level-changed", "SIGHUP"],
        ["test-on", undefined],
        ["test-log-level-changed", "SIGHUP"],
      ],
    );
    await logger.close();
    assert.equal(process.listenerCount("SIGHUP"), before);
    assert.throws(
      () => captureLogs({ levelSignal: "SIGTERM" as never }),
      /option "levelSignal" is "SIGTERM"/,
    );
  });
});

const TOKEN = "a-token-of-16-characters";

/** The same service on each framework, with the admin route behind a token. */
const frameworks: Readonly<Record<string, (t: TestContext, logger: Logger) => Promise<number>>> = {
  async fastify(t, logger) {
    const app = Fastify(fastifyOptions({ logger }));
    await app.register(loggerPlugin, { logger, token: TOKEN });
    await app.listen({ port: 0 });
    t.after(() => app.close());
    return (app.server.address() as AddressInfo).port;
  },
  express: (t, logger) => {
    const app = express();
    app.use(loggerMiddleware({ logger, token: TOKEN }));
    return listen(t, createServer(app));
  },
  "express after a body parser": (t, logger) => {
    const app = express();
    app.use(express.json());
    app.use(loggerMiddleware({ logger, token: TOKEN }));
    return listen(t, createServer(app));
  },
  node: (t, logger) =>
    listen(t, createServer(withLogger((_req, res) => void res.end(), { logger, token: TOKEN }))),
};

for (const [framework, start] of Object.entries(frameworks)) {
  describe(`GET|PUT /debug/level on ${framework}`, () => {
    it("shows and changes levels for whoever has the token, and writes no line about the request", async (t) => {
      const capture = captureLogs({ service: "web", level: "error" });
      const port = await start(t, capture.logger);
      const headers = { authorization: `Bearer ${TOKEN}` };
      const first = await ask(port, "GET", undefined, headers);
      assert.equal(first.status, 200);
      assert.deepEqual(first.body, {
        service: "web",
        levels: [{ prefix: "", level: "error", until: null }],
        redaction: true,
      });
      const before = Date.now();
      const change = { prefix: "web-votes", level: "debug", ttlMs: 60_000 };
      const second = await ask(port, "PUT", change, headers);
      assert.equal(second.status, 200);
      const [, set] = (second.body as { levels: { prefix: string; level: string; until: string }[] }).levels;
      assert.equal(set?.prefix, "web-votes");
      assert.equal(set?.level, "debug");
      assert.ok(Date.parse(set?.until ?? "") >= before + 60_000);
      capture.logger.child("votes").debug("counted");
      const third = await ask(port, "PUT", { prefix: "web-votes", level: null }, headers);
      assert.deepEqual(third.body, first.body);
      capture.logger.child("votes").debug("not-counted");
      assert.deepEqual(
        capture.lines.map((line) => line.msg),
        ["web-log-level-changed", "web-votes-counted", "web-log-level-changed"],
      );
      assert.match(
        String(capture.lines[0]?.by),
        /^PUT \/debug\/level from (?:::ffff:)?127\.0\.0\.1$|^PUT .*::1$/,
      );
      assert.equal(capture.lines[0]?.ttlMs, 60_000);
    });

    it("refuses a wrong body, a wrong method, and strangers", async (t) => {
      const capture = captureLogs({ service: "web", level: "error" });
      const port = await start(t, capture.logger);
      const headers = { authorization: `Bearer ${TOKEN}` };
      for (const body of [
        { prefix: "Bad Name", level: "debug" },
        { prefix: "a", level: "off" },
        { level: "debug" },
      ]) {
        const answer = await ask(port, "PUT", body, headers);
        assert.equal(answer.status, 400, JSON.stringify(body));
      }
      assert.equal((await ask(port, "GET", undefined, { "x-forwarded-for": "10.0.0.1" })).status, 401);
      assert.equal(
        (
          await ask(
            port,
            "PUT",
            { prefix: "", level: "debug" },
            { authorization: "Bearer wrong", via: "1.1 x" },
          )
        ).status,
        401,
      );
      assert.equal(capture.text, "");
    });
  });
}

async function listen(t: TestContext, server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function ask(port: number, method: string, body?: unknown, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: unknown }>((resolve, reject) => {
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const path = "/debug/level";
    const asked = request({
      host: "127.0.0.1",
      port,
      path,
      method,
      headers: { ...headers, ...json },
      agent: false,
    });
    asked.on("error", reject);
    asked.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: text === "" ? undefined : parsed(text) }),
      );
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
