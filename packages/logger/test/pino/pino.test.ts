import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { pino, symbols } from "pino";
import { until } from "../../../../test/helpers/until.ts";
import type { PinoLogger } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";
import { ask, listen } from "../helpers/http.ts";
import { beginRequest } from "../helpers/request.ts";

process.env.NODE_ENV = "test";

// Not imported: its types would give every IncomingMessage of this workspace a `log`.
const pinoHttp: (options: { logger: PinoLogger }) => (req: IncomingMessage, res: ServerResponse) => void =
  createRequire(import.meta.url)("pino-http");

describe("log.pino", () => {
  it("is a real pino whose six methods map onto two levels", () => {
    const capture = captureLogs();
    for (const method of ["trace", "debug", "info", "warn", "error", "fatal"] as const) {
      capture.logger.child("db").pino[method]("query", { ms: 7 });
    }
    assert.deepEqual(
      capture.lines.map(({ level, msg, ms }) => [level, msg, ms]),
      [
        ["debug", "test-db-query", 7],
        ["debug", "test-db-query", 7],
        ["debug", "test-db-query", 7],
        ["error", "test-db-query", 7],
        ["error", "test-db-query", 7],
        ["error", "test-db-query", 7],
      ],
    );
    assert.equal(capture.logger.pino.version, pino.version);
    assert.ok(symbols.asJsonSym in capture.logger.pino);
  });

  it("writes free text under <scope>-unnamed, with its arguments in it", () => {
    const capture = captureLogs();
    const log = capture.logger.child("db").pino;
    log.info("connected");
    log.info("to %s in %d ms with %j", "pg", 7, { password: "x", port: 5432 });
    log.info({ port: 5432 }, "connected to %s", "pg");
    log.info("Not a name", { port: 5432 });
    log.info({ port: 5432 });
    log.warn(new RangeError("too far"));
    log.warn({ err: new RangeError("too far"), port: 1 }, "oh");
    assert.deepEqual(
      capture.lines.map(({ level, msg, text, port, err }) => [
        level,
        msg,
        text,
        port,
        (err as { type?: string })?.type,
      ]),
      [
        ["debug", "test-db-unnamed", "connected", undefined, undefined],
        [
          "debug",
          "test-db-unnamed",
          'to pg in 7 ms with {"password":"[Redacted]","port":5432}',
          undefined,
          undefined,
        ],
        ["debug", "test-db-unnamed", "connected to pg", 5432, undefined],
        ["debug", "test-db-unnamed", "Not a name", 5432, undefined],
        ["debug", "test-db-unnamed", undefined, 5432, undefined],
        ["error", "test-db-unnamed", "too far", undefined, "RangeError"],
        ["error", "test-db-unnamed", "oh", 1, "RangeError"],
      ],
    );
  });

  it("gives children their bindings once, redacted, with serializers and msgPrefix applied", () => {
    const capture = captureLogs({ fields: { region: "eu" } });
    const child = capture.logger.pino
      .child({ a: 1, password: "hunter2" })
      .child(
        { a: 2, req: { url: "/x?token=abc" } },
        { serializers: { req: (req) => req.url }, msgPrefix: "db-" },
      );
    child.info("query", { ms: 7 });
    child.info({ ms: 8 }, "text");
    assert.deepEqual(child.bindings(), {
      region: "eu",
      a: 2,
      password: "[Redacted]",
      req: "/x?token=[Redacted]",
    });
    const [named, unnamed] = capture.lines;
    assert.equal(named?.msg, "test-db-query");
    assert.equal(unnamed?.text, "db-text");
    assert.deepEqual([named?.a, named?.region, named?.ms], [2, "eu", 7]);
    child.setBindings({ a: 3, secret: "s" });
    child.info("x");
    assert.deepEqual([capture.lines[2]?.a, capture.lines[2]?.secret], [3, "[Redacted]"]);
  });

  it("follows the levels by prefix, and its own", () => {
    const capture = captureLogs({ level: "error,test-a=debug", recorder: false });
    const { logger } = capture;
    const quiet = logger.pino.child({}, { level: "fatal" });
    assert.equal(logger.child("b").pino.isLevelEnabled("info"), false);
    assert.equal(logger.child("b").pino.isLevelEnabled("warn"), true);
    assert.equal(logger.child("a").pino.isLevelEnabled("info"), true);
    logger.pino.info("x", {});
    logger.child("a").pino.child({ b: 1 }).info("y", {});
    quiet.error("z", {});
    assert.deepEqual(
      capture.lines.map((line) => line.msg),
      ["test-a-y"],
    );
  });

  it("never throws, whatever it is given", () => {
    const capture = captureLogs();
    const bad = {
      get method(): never {
        throw new Error("no");
      },
    };
    const nothing = Object.assign(Object.create(null) as object, { hasOwnProperty: 1 });
    const log = capture.logger.pino;
    log.info(bad);
    log.info(Object.freeze(new Error("frozen")));
    log.child(nothing).info(nothing, "text");
    log.child(bad).error("name", bad);
    log.child({}, { serializers: { a: () => assert.fail() } }).info({ a: 1 }, "text");
    assert.equal(capture.lines.length, 5);
  });

  it("writes a line during which its fields log, under its own name, level and threshold", () => {
    const capture = captureLogs({ level: "error" });
    const log = capture.logger.pino;
    const loud = {
      toJSON() {
        log.debug("inner", { a: 1 });
        log.error("inner", { a: 1 });
        return "shown";
      },
    };
    log.error("outer", { loud });
    log.error({ loud }, "text");
    const serializers = {
      loud: () => {
        log.debug("inner", {});
        return "shown";
      },
    };
    beginRequest(capture.logger, () => {
      log.child({}, { serializers }).error("outer", { loud: 1 });
      log.error("outer", { loud });
    })(200);
    assert.deepEqual(
      capture.lines.map(({ level, msg, text, loud }) => [level, msg, text, loud]),
      [
        ["error", "test-inner", undefined, undefined],
        ["error", "test-outer", undefined, "shown"],
        ["error", "test-inner", undefined, undefined],
        ["error", "test-unnamed", "text", "shown"],
        ["debug", "test-inner", undefined, undefined],
        ["error", "test-outer", undefined, "shown"],
        ["debug", "test-inner", undefined, undefined],
        ["error", "test-inner", undefined, undefined],
        ["error", "test-outer", undefined, "shown"],
      ],
    );
  });

  it("takes an error for the fields of a named line, or beside a text", () => {
    const capture = captureLogs();
    const log = capture.logger.pino;
    log.error("fail-redeem", new RangeError("too far"));
    log.error("Not a name", new RangeError("too far"));
    log.error("%s", new RangeError("too far"));
    assert.deepEqual(
      capture.lines.map(({ msg, text, err }) => [msg, text, (err as { type?: string })?.type]),
      [
        ["test-fail-redeem", undefined, "RangeError"],
        ["test-unnamed", "Not a name", "RangeError"],
        ["test-unnamed", "RangeError: too far", "RangeError"],
      ],
    );
  });

  it("serves pino-http, whose request headers come out redacted", async (t) => {
    const capture = captureLogs({ service: "web" });
    const middleware = pinoHttp({ logger: capture.logger.pino });
    const server = createServer((req: IncomingMessage, res: ServerResponse) => {
      middleware(req, res);
      (req as IncomingMessage & { log: PinoLogger }).log.info("inside");
      res.statusCode = 500;
      res.end();
    });
    const port = await listen(t, server);
    await ask(port, "/users/7?token=abc", { authorization: "Bearer abcdefgh12345678", "x-id": "7" });
    await until(() => capture.lines.length === 2, "both lines");
    const [inside, done] = capture.lines;
    assert.equal(inside?.text, "inside");
    assert.equal(done?.text, "request errored");
    assert.equal((done!.err as { message: string }).message, "failed with status code 500");
    const req = done!.req as { url: string; headers: Record<string, string> };
    assert.equal(req.url, "/users/7?token=[Redacted]");
    assert.equal(req.headers.authorization, "[Redacted]");
    assert.equal(req.headers["x-id"], "7");
    assert.equal((done!.res as { statusCode: number }).statusCode, 500);
    assert.ok(!capture.text.includes("abc"));
  });
});

describe("an APM's instrumentation of pino", () => {
  for (const style of ["fields", "text"]) {
    it(`keeps its ids in every line when it wraps asJson and adds ${style}, and sees nothing unredacted`, () => {
      const { stdout, stderr } = run("instrumented.ts", [style]);
      assert.equal(stderr, "");
      const [own, child, byPino] = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      for (const line of [own, child, byPino]) {
        assert.deepEqual(line.dd, { trace_id: "123", span_id: "456" });
        assert.equal(line.password, "[Redacted]");
      }
      assert.deepEqual([own.msg, child.msg, byPino.msg], ["web-x", "web-a-y", "web-z"]);
    });
  }

  it("by OpenTelemetry writes the ids once", () => {
    const { stdout, stderr } = run("opentelemetry.ts", []);
    assert.equal(stderr, "");
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 2);
    for (const line of lines) {
      assert.equal(line.split("trace_id").length, 2, line);
      assert.equal(JSON.parse(line).trace_id, "5c522f9b5c522f9b5c522f9b5c522f9b");
      assert.equal(JSON.parse(line).password, "[Redacted]");
    }
    assert.equal(JSON.parse(lines[1]!).trace_flags, "01", "the instrumentation was at work");
  });
});

function run(helper: string, args: readonly string[]) {
  const file = fileURLToPath(new URL(`../helpers/${helper}`, import.meta.url));
  return spawnSync(process.execPath, ["--conditions=@whodunit/source", "--no-warnings", file, ...args], {
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "test" },
  });
}
