import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { medianInterval, verdict } from "../benchmarks/compare/interval.ts";
import { LOOPS } from "../benchmarks/compare/loops.ts";
import { compareLoops } from "../benchmarks/compare/paired-loops.ts";
import { isFull } from "./helpers/scale.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("medianInterval takes the ranks that the table of order statistics has for its count", () => {
  const ranks = [
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [10, 2, 9],
    [15, 4, 12],
    [31, 10, 22],
  ] as const;
  for (const [count, low, high] of ranks) {
    const shuffled = Array.from({ length: count }, (_, i) => ((i * 7) % count) + 1);
    const values = new Set(shuffled).size === count ? shuffled : shuffled.map((_, i) => count - i);
    const interval = medianInterval(values);
    assert.deepEqual([interval.low, interval.high], [low, high], `of ${count}`);
    assert.equal(interval.median, (count + 1) / 2);
  }
});

test("medianInterval refuses fewer values than an interval of 95 % needs", () => {
  assert.throws(() => medianInterval([1, 1, 1, 1, 1]), /interval of 5 values.*6 or more/);
});

test("verdict says slower or faster only where the whole interval lies beyond 3 %", () => {
  assert.equal(verdict({ median: 1.2, low: 1.031, high: 1.4 }), "slower");
  assert.equal(verdict({ median: 1.2, low: 1.03, high: 1.4 }), "");
  assert.equal(verdict({ median: 0.8, low: 0.7, high: 0.97 }), "faster");
  assert.equal(verdict({ median: 0.9, low: 0.8, high: 0.98 }), "");
});

const NAMES = isFull ? Object.keys(LOOPS) : ["line/flat/file", "span/sampled"];

for (const name of NAMES) {
  test(`bench:compare measures ${name} in this checkout by its public entries, all of it delivered`, async () => {
    const [ratio = Number.NaN, ...more] = await compareLoops(name, ROOT, 1);
    assert.ok(ratio > 0 && Number.isFinite(ratio), `${ratio}`);
    assert.equal(more.length, 0);
  });
}

for (const [args, message] of [
  [[], /usage: .*git ref or folder/],
  [["no-such-ref"], /"no-such-ref" is neither a folder nor a git ref/],
  [["HEAD", "no-such-loop"], /Nothing is named "no-such-loop"/],
  [["HEAD", "--rounds=5"], /--rounds is "5", want a whole number from 6/],
  [["test"], /test has no node_modules/],
] as const) {
  test(`bench:compare refuses ${JSON.stringify(args)} and says what is wanted`, async () => {
    await assert.rejects(
      promisify(execFile)(
        process.execPath,
        ["--conditions=@whodunit/source", "benchmarks/compare.ts", ...args],
        { cwd: ROOT },
      ),
      message,
    );
  });
}
