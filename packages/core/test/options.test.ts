import assert from "node:assert/strict";
import { test } from "node:test";
import { checkInteger, checkOneOf, checkOptions, checkType, optionError } from "../src/index.ts";

test("optionError() names the owner, the option, the value and what is wanted", () => {
  assert.equal(
    optionError("createHealth", "service", 42, "a name").message,
    'createHealth: option "service" is 42, want a name',
  );
  assert.match(optionError("x", "y", "a".repeat(500), "z").message, /^.{0,120}$/s);
  for (const value of [
    null,
    undefined,
    Symbol("s"),
    1n,
    () => 1,
    [1],
    { a: 1 },
    Object.create(null),
    Number.NaN,
  ]) {
    assert.match(optionError("x", "y", value, "z").message, /^x: option "y" is .+, want z$/);
  }
});

test("checkOptions() refuses what is no object and keys it does not know", () => {
  checkOptions("createX", { a: 1 }, ["a", "b"]);
  assert.throws(() => checkOptions("createX", null, []), /createX: options are null, want an object/);
  assert.throws(() => checkOptions("createX", [], []), /want an object/);
  assert.throws(
    () => checkOptions("createX", { levle: 1 }, ["level"]),
    /option "levle" is unknown, want one of level/,
  );
});

test("checkInteger() accepts the ends of its range and nothing beyond", () => {
  for (const ok of [undefined, 1, 10]) checkInteger("x", "n", ok, 1, 10);
  for (const bad of [0, 11, 1.5, "5", null, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => checkInteger("x", "n", bad, 1, 10),
      /option "n" is .+, want a whole number from 1 to 10/,
    );
  }
  assert.throws(() => checkInteger("x", "n", 0, 1), /want a whole number of at least 1/);
});

test("checkType() and checkOneOf() let missing options pass", () => {
  checkType("x", "f", undefined, "function");
  checkType("x", "f", () => {}, "function");
  assert.throws(() => checkType("x", "f", null, "object"), /want an object/);
  checkOneOf("x", "w", undefined, ["a"]);
  assert.throws(() => checkOneOf("x", "w", "c", ["a", "b"]), /option "w" is "c", want "a" or "b"/);
});
