import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captureLogs } from "../src/testing.ts";

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

  it("leave nothing of a secret that straddles a cut", () => {
    const capture = captureLogs();
    const token = `${"eyJhbGciOiJIUzI1NiJ9"}.${"a1B2".repeat(40)}.${"c3D4".repeat(12)}`;
    for (let start = 8_192 - token.length - 2; start <= 8_192; start += 7) {
      capture.clear();
      capture.logger.error("x", { field: `${"x ".repeat(start / 2)}${token} and on`.padEnd(20_000, " y") });
      assert.ok(!capture.text.includes("a1B2"), `at ${start}`);
      assert.ok(!capture.text.includes("eyJhbGci"), `at ${start}`);
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
