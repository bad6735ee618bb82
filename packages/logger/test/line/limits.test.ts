import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { serialiserOf } from "@whodunit/redaction/serialiser";
import { SEED } from "../../../../test/helpers/random.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { makeSecrets } from "../../../../test/helpers/secrets.ts";
import { withContext } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";
import { startChild } from "../helpers/child.ts";
import { counting, ENDLESS } from "../helpers/endless.ts";
import { leaks } from "../helpers/leaks.ts";

process.env.NODE_ENV = "test";

describe("limits", () => {
  const at = (level: number): unknown => (level === 0 ? "bottom" : { in: at(level - 1) });
  // Each bound in a pair: what just fits, and what does not.
  const pairs: [bound: string, fits: unknown, over: unknown][] = [
    ["8,192 characters of a string", "x".repeat(8_192), "x".repeat(8_193)],
    ["8 levels", at(8), at(9)],
    ["100 items of an array", Array.from({ length: 100 }, () => 1), Array.from({ length: 101 }, () => 1)],
    ["100 keys of an object", keyed(100), keyed(101)],
    ["100 entries of a Map", new Map(Object.entries(keyed(100))), new Map(Object.entries(keyed(101)))],
    ["100 items of a Set", new Set(Array(100).keys()), new Set(Array(101).keys())],
  ];
  for (const [bound, fits, over] of pairs) {
    it(`let ${bound} be, and say truncated of one more`, () => {
      const capture = captureLogs();
      capture.logger.error("x", { field: fits });
      capture.logger.error("x", { field: over });
      const [whole, cut] = capture.lines;
      assert.equal(whole?.truncated, undefined);
      assert.equal(cut?.truncated, true);
      assert.ok(JSON.stringify(cut?.field).length <= JSON.stringify(whole?.field).length + 20);
    });
  }

  it("keep a line within 64 KB of UTF-8, valid, with its first keys, whatever it holds", () => {
    const huge: unknown[] = [
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, "x".repeat(500_000)])),
      Array.from({ length: 1_000_000 }, (_, n) => `item ${n}`),
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, "ä€😀".repeat(2_000)])),
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, "\u0001".repeat(8_000)])),
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => ["k".repeat(10_000) + n, n])),
      Array.from({ length: 100 }, () =>
        Object.fromEntries(Object.keys(keyed(100)).map((k) => [k, "same ".repeat(50)])),
      ),
      Buffer.alloc(50_000_000, "text "),
      new Error("x".repeat(1_000_000), { cause: new Error("y".repeat(1_000_000)) }),
    ];
    const capture = captureLogs();
    for (const field of huge) {
      capture.clear();
      capture.logger.error("x", { first: 1, field });
      capture.logger.child({ field }).error("x", { field, a: { field }, b: [field, field, field] });
      capture.logger.pino.error("text %o", field as object);
      for (const line of capture.text.trimEnd().split("\n")) {
        assert.ok(Buffer.byteLength(line) < 65_536, `${Buffer.byteLength(line)}`);
        const parsed = JSON.parse(line);
        assert.equal(parsed.truncated, true, line.slice(0, 200));
        assert.equal(parsed.service, "test");
      }
      assert.equal(capture.lines[0]?.first, 1);
      assert.ok(capture.text.length > 2_000, "what fits is there");
    }
  });

  it("look at no more of a value than a line may hold", () => {
    for (const [what, make] of Object.entries(ENDLESS)) {
      const counts = { reads: 0, characters: 0 };
      const capture = captureLogs({ redact: counting(serialiserOf(createRedactor()), counts) });
      const value = make(() => counts.reads++);
      const ways = [
        () => capture.logger.error("x", { first: 1, value }),
        () => capture.logger.child({ value }).error("x"),
        () => withContext({ value }, () => capture.logger.error("x")),
        () => capture.logger.error("x", value as never),
        () => capture.logger.pino.error("text %o", value as never),
      ];
      for (const [way, log] of ways.entries()) {
        Object.assign(counts, { reads: 0, characters: 0 });
        capture.clear();
        log();
        const told = `${what}, way ${way}: ${JSON.stringify(counts)}`;
        assert.ok(Buffer.byteLength(capture.text) <= 65_536, told);
        const cut = capture.lines[0]?.truncated;
        // Fields are no toJSON's output.
        assert.equal(cut, what.includes("toJSON") && way === 3 ? undefined : true, told);
        // A property takes four characters at least.
        assert.ok(counts.reads <= 65_536 / 4, told);
        assert.ok(counts.characters <= 4 * 65_536, told);
      }
    }
  });

  it("keep the lines of a child of children within 64 KB, with room for their own fields", () => {
    const capture = captureLogs();
    const part = { list: Array.from({ length: 3 }, () => "é".repeat(2_500)) };
    let { logger } = capture;
    for (let n = 0; n < 8; n++) logger = logger.child({ [`child${n}`]: part });
    const pino = capture.logger.pino
      .child({ own: part })
      .child({ a: part })
      .child({ b: part })
      .child({ c: part });
    withContext({ context: part }, () => {
      logger.error("x", { mine: 1 });
      pino.error("x", { mine: 1 });
    });
    for (const [n, line] of capture.text.trimEnd().split("\n").entries()) {
      assert.ok(Buffer.byteLength(line) < 65_536, `${Buffer.byteLength(line)}`);
      const { mine, truncated, context } = capture.lines[n]!;
      assert.deepEqual({ mine, truncated, context }, { mine: 1, truncated: true, context: part });
    }
  });

  it("keep no memory of keys that are too long", async (t) => {
    const child = startChild(t, "long-keys.ts", ["2000"], "pipe", ["--max-old-space-size=100"]);
    assert.deepEqual(await child.ended, { code: 0, signal: null });
  });

  it("leave nothing of a secret that straddles the end of a text or key", () => {
    const capture = captureLogs({ limits: { stringLength: 256 } });
    const { logger } = capture;
    const texts: ((text: string) => void)[] = [
      (text) => logger.error("x", { field: text }),
      (text) => logger.child({ field: [text] }).error("x"),
      (text) => logger.error("x", { field: Buffer.from(text) }),
      (text) => logger.error("x", { err: new Error(text) }),
      (text) => logger.pino.error(text),
      (text) => logger.pino.error("%j", { field: text }),
      // A key is cut after 256 characters, too.
      (text) => logger.error("x", { [text]: 1 }),
    ];
    for (const secret of makeSecrets(SEED, runs(4))) {
      for (const part of [0, 1, 5, secret.text.length >> 1, secret.text.length - 1]) {
        for (const before of ["- ".repeat(128), "a=b&".repeat(64), "ä".repeat(255).concat(" ")]) {
          const text = `${before.slice(part)} ${secret.text}${" -".repeat(6_000)}`;
          for (const [way, log] of texts.entries()) {
            capture.clear();
            log(text);
            const begun = secret.needles.some((needle) => capture.text.includes(needle.slice(0, 6)));
            assert.ok(!begun && !leaks(capture.text, secret), `${secret.kind}, way ${way}: ${capture.text}`);
          }
        }
      }
    }
  });

  it("leave nothing of a secret that is longer than what is looked at", () => {
    const capture = captureLogs();
    const long = "a1B2".repeat(10_000);
    const secrets = [
      `Bearer ${long}`,
      `password=${long}`,
      `{"token":"${long}"}`,
      `-----BEGIN PRIVATE KEY-----\n${long}\n-----END PRIVATE KEY-----`,
      `eyJhbGciOiJIUzI1NiJ9.${long}.${long}`,
      `https://host/?token=${long}`,
      `Cookie: a=${long}`,
    ];
    for (const secret of secrets) {
      for (const start of [0, 4_000, 8_100]) {
        capture.clear();
        capture.logger.error("x", { field: `${"x ".repeat(start / 2)}${secret}` });
        assert.ok(!capture.text.includes("a1B2"), `${secret.slice(0, 30)} at ${start}`);
      }
    }
  });

  it("show at most 50 frames of a stack", () => {
    const capture = captureLogs();
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 200;
    const deep = (n: number): Error => (n === 0 ? new Error("deep") : deep(n - 1));
    const err = deep(150);
    Error.stackTraceLimit = before;
    capture.logger.error("x", { err });
    assert.equal((capture.lines[0]!.err as { stack: string }).stack.split("\n    at ").length, 51);
  });

  it("can be set, within reason", () => {
    const capture = captureLogs({ limits: { items: 2, depth: 1, stringLength: 64, lineBytes: 1_024 } });
    capture.logger.error("x", { list: [1, 2, 3], deep: { a: { b: 1 } }, text: "x".repeat(65) });
    const { list, deep, truncated } = capture.lines[0]!;
    assert.deepEqual(list, [1, 2]);
    assert.deepEqual(deep, { a: "[Truncated]" });
    assert.equal(truncated, true);
    for (const limits of [{ depth: 33 }, { lineBytes: 1_023 }, { stringLength: 1.5 }, { size: 1 }]) {
      assert.throws(() => captureLogs({ limits: limits as never }), /createLogger limits: option "/);
    }
  });
});

describe("errors", () => {
  it("are shown under any key with their causes, own properties and AggregateError's errors", () => {
    class RedeemError extends Error {
      readonly code = "REDEEM";
      readonly config = { headers: { authorization: "Bearer abcdefgh12345678" }, url: "/redeem" };
    }
    const inner = new AggregateError([new TypeError("one"), "two"], "both");
    const failed = new RedeemError("failed", { cause: Object.assign(new Error("middle"), { cause: inner }) });
    const capture = captureLogs();
    capture.logger.error("x", { whatever: failed });
    const shown = capture.lines[0]?.whatever as Record<string, unknown>;
    assert.equal(shown.type, "RedeemError");
    assert.equal(shown.message, "failed");
    assert.match(String(shown.stack), /^Error: failed\n {4}at /);
    assert.equal(shown.code, "REDEEM");
    assert.deepEqual(shown.config, { headers: { authorization: "[Redacted]" }, url: "/redeem" });
    const cause = (shown.cause as Record<string, Record<string, unknown>>).cause!;
    assert.equal(cause.type, "AggregateError");
    const [one, two] = cause.errors as [{ type: string }, unknown];
    assert.equal(one.type, "TypeError");
    assert.equal(two, "two");
  });
});

function keyed(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
}
