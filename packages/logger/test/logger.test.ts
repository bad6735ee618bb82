import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogger, reportChange, withContext } from "../src/index.ts";
import { captureLogs } from "../src/testing.ts";

process.env.NODE_ENV = "test";

describe("createLogger()", () => {
  it("names every wrong option with its value and what is wanted", () => {
    const wrong: [unknown, RegExp][] = [
      [{ service: "Bad Service" }, /createLogger: option "service" is "Bad Service", want a name/],
      [{ service: "a", levle: "debug" }, /option "levle" is unknown, want one of service, level/],
      [{ service: "a", level: "loud" }, /option "level" is "loud", want "debug" or "error"/],
      [{ service: "a", level: "debug,x y=error" }, /option "level" is "debug,x y=error"/],
      [
        { service: "a", redact: true },
        /option "redact" is true, want an object of options, a redactor or false/,
      ],
      [{ service: "a", redact: { mask: "" } }, /option "mask"/],
      [{ service: "a", destination: {} }, /option "destination" is an object, want a file path or an object/],
      [{ service: "a", limits: { depth: 0 } }, /option "depth" is 0, want a whole number from 1 to 32/],
      [{ service: "a", fields: 3 }, /option "fields" is 3, want an object/],
      [null, /options are null, want an object/],
    ];
    for (const [options, message] of wrong) {
      assert.throws(() => createLogger(options as never), message);
    }
  });

  it("writes a line of each change that reportChange() is told, whatever the level, until it is closed", async () => {
    const capture = captureLogs({ service: "shop", level: "error" });
    withContext({ RequestID: "r1" }, () => reportChange("flag checkout-v2 on, key AKIAIOSFODNN7EXAMPLE"));
    // It has a line of its own already.
    capture.logger.setLevel("shop-cart", "debug");
    await capture.logger.close();
    reportChange("nobody is there to tell it");
    assert.deepEqual(
      capture.lines.map(({ level, msg, service, what, RequestID }) => ({
        level,
        msg,
        service,
        what,
        RequestID,
      })),
      [
        {
          level: "debug",
          msg: "shop-change-reported",
          service: "shop",
          what: "flag checkout-v2 on, key [Redacted]",
          RequestID: "r1",
        },
        {
          level: "debug",
          msg: "shop-log-level-changed",
          service: "shop",
          what: undefined,
          RequestID: undefined,
        },
      ],
    );
  });

  it("writes level, time, msg and service first, the caller's fields last", () => {
    const { logger, lines, text } = captured((log) => log.debug("start", { port: 80, ok: true, none: null }));
    assert.equal(logger.name, "brkr");
    assert.deepEqual(Object.keys(lines[0]!), ["level", "time", "msg", "service", "port", "ok", "none"]);
    assert.match(
      text,
      /^\{"level":"debug","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","msg":"brkr-start","service":"brkr",/,
    );
    assert.equal(text.at(-1), "\n");
  });

  it("puts its fields on every line", () => {
    const capture = captureLogs({ fields: { region: "eu", password: "hunter2" } });
    capture.logger.child("a").error("b");
    assert.deepEqual(own(capture.lines[0]), { region: "eu", password: "[Redacted]" });
  });
});

describe("Logger.child()", () => {
  it("composes names through any depth and takes a name, fields or both", () => {
    const { lines } = captured((log) => {
      log
        .child("somesystem")
        .child("http", { tenant: "t1" })
        .child({ port: 1 })
        .error("response", { status: 502 });
    });
    assert.equal(lines[0]?.msg, "brkr-somesystem-http-response");
    assert.deepEqual(own(lines[0]), { tenant: "t1", port: 1, status: 502 });
  });

  it("lets a field replace a child's and a context's, so that no key is there twice", () => {
    const { text, lines } = captured((log) => {
      withContext({ RequestID: "r1", tenant: "context" }, () => {
        log.child({ tenant: "child", port: 1 }).error("x", { tenant: "own" });
        log.child({ tenant: "child" }).error("y");
      });
    });
    assert.deepEqual(own(lines[0]), { RequestID: "r1", port: 1, tenant: "own" });
    assert.deepEqual(own(lines[1]), { RequestID: "r1", tenant: "child" });
    for (const line of text.trimEnd().split("\n")) assert.equal(line.split('"tenant"').length, 2, line);
  });
});

describe("names", () => {
  const bad = ["Bad Name", "", "a--b", "-a", "ä", "x".repeat(124)];

  it("that are none are the text of an unnamed line, and counted", () => {
    const capture = captureLogs({ service: "brkr" });
    for (const name of bad) capture.logger.error(name);
    assert.deepEqual(
      capture.lines.map(({ msg, text }) => [msg, text]),
      bad.map((name) => ["brkr-unnamed", name]),
    );
    assert.equal(capture.logger.counts().badNames, bad.length);
  });

  it("of children that are none are made into names, and counted", () => {
    const capture = captureLogs({ service: "brkr" });
    for (const name of bad) capture.logger.child(name).error("y");
    assert.deepEqual(
      capture.lines.map((line) => line.msg),
      ["brkr-bad_name-y", "brkr-y", "brkr-a-b-y", "brkr-a-y", "brkr-_-y", `brkr-${"x".repeat(123)}`],
    );
    assert.ok(capture.lines.every(({ msg }) => msg.length <= 128));
    // Under a scope of full length no name has room.
    assert.equal(capture.logger.counts().badNames, bad.length + 1);
  });

  it("throw where `names` is strict, and say what is wanted", () => {
    const capture = captureLogs({ service: "brkr", names: "strict" });
    for (const name of bad) {
      assert.throws(() => capture.logger.error(name), /^TypeError: Cannot log under the name "brkr-/);
      assert.throws(() => capture.logger.child(name), /want segments of a-z, 0-9 and _ joined by -/);
    }
    assert.throws(() => capture.logger.error(new Error("no name") as never), /the name "brkr-"/);
    assert.equal(capture.text, "");
  });

  it("have 128 characters at most", () => {
    const capture = captureLogs({ service: "brkr" });
    capture.logger.error("x".repeat(123) as string);
    assert.equal(capture.lines[0]?.msg.length, 128);
  });

  it("are checked by the compiler where the text is known", () => {
    const { logger } = captureLogs();
    logger.debug("fail-redeem_2");
    // @ts-expect-error a name has no space
    logger.debug("Bad Name");
    // @ts-expect-error a child's name is a name too
    logger.child("Bad/Name");
  });
});

describe("fields", () => {
  it("are any object, and nothing else, to the compiler", () => {
    interface Change {
      readonly from: string;
      readonly to: string;
    }
    class Account {
      readonly id = 7;
    }
    const change: Change = { from: "up", to: "down" };
    const { lines } = captured((log) => {
      log.error("x", change);
      log.debug("x", new Account());
      log.error("x", new RangeError("far"));
      log.child(change).child("a", new Account()).debug("x");
      withContext(change, () => log.debug("x"));
      // @ts-expect-error a text is no object
      log.debug("x", "text");
      // @ts-expect-error nor is a number
      log.child("a", 7);
    });
    captureLogs({ fields: change });
    assert.deepEqual(
      lines.map(({ from, to, id, err, value }) => [from, to, id, (err as Error)?.message, value]),
      [
        ["up", "down", undefined, undefined, undefined],
        [undefined, undefined, 7, undefined, undefined],
        [undefined, undefined, undefined, "far", undefined],
        ["up", "down", 7, undefined, undefined],
        ["up", "down", undefined, undefined, undefined],
        [undefined, undefined, undefined, undefined, undefined],
      ],
    );
  });
});

describe("reserved keys", () => {
  it("cannot be replaced by a caller's field, which is renamed", () => {
    const { lines } = captured((log) => {
      log.error("x", { level: "debug", time: 1, msg: "forged", service: "other", trace_id: "f", _level: 2 });
      log.child({ level: 1, msg: "child" }).error("y");
    });
    assert.equal(lines[0]?.level, "error");
    assert.equal(lines[0]?.msg, "brkr-x");
    assert.deepEqual(own(lines[0]), {
      __level: "debug",
      _time: 1,
      _msg: "forged",
      _service: "other",
      _trace_id: "f",
      _level: 2,
    });
    assert.deepEqual(own(lines[1]), { _level: 1, _msg: "child" });
  });
});

describe("withContext()", () => {
  it("puts its fields on every line inside, after awaits and timers, and on none outside", async () => {
    const capture = captureLogs();
    const log = capture.logger;
    const result = withContext({ RequestID: "r1" }, async () => {
      log.error("a");
      await new Promise((resolve) => setTimeout(resolve, 1));
      withContext({ AccountID: "a1" }, () => log.error("b"));
      log.error("c");
      return 42;
    });
    log.error("outside");
    assert.equal(await result, 42);
    assert.deepEqual(capture.lines.map(own), [
      { RequestID: "r1" },
      {},
      { RequestID: "r1", AccountID: "a1" },
      { RequestID: "r1" },
    ]);
  });

  it("keeps a thousand interleaved contexts apart", async () => {
    const capture = captureLogs();
    await Promise.all(
      Array.from({ length: 1_000 }, (_, id) =>
        withContext({ id }, async () => {
          for (let step = 0; step < 3; step++) {
            await new Promise(setImmediate);
            capture.logger.debug("step", { expected: id });
          }
        }),
      ),
    );
    assert.equal(capture.lines.length, 3_000);
    for (const line of capture.lines) assert.equal(line.id, line.expected);
  });
});

function captured(run: (log: ReturnType<typeof captureLogs>["logger"]) => void) {
  const capture = captureLogs({ service: "brkr" });
  run(capture.logger);
  return { logger: capture.logger, lines: capture.lines, text: capture.text };
}

function own(line: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const { level, time, msg, service, ...rest } = line ?? {};
  return rest;
}
