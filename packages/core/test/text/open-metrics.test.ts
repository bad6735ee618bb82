import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bound, label } from "../../src/index.ts";

test("label() escapes backslashes, quotes and newlines, so that a value reads back as it was", () => {
  assert.equal(label("route", "GET /users"), 'route="GET /users"');
  assert.equal(label("peer", 'a"b\\c\nd'), 'peer="a\\"b\\\\c\\nd"');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("\\", '"', "\n", "n", "x", "é") }), (value) => {
      const text = label("l", value);
      assert.doesNotMatch(text, /\n/);
      const read = text
        .slice(3, -1)
        .replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
      assert.equal(read, value);
    }),
  );
});

test("bound() is a canonical number: whole ones have their .0, the last one is +Inf", () => {
  assert.deepEqual([1, 0.005, 10, 2.5, Number.POSITIVE_INFINITY].map(bound), [
    "1.0",
    "0.005",
    "10.0",
    "2.5",
    "+Inf",
  ]);
});
