import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anything,
  checkInteger,
  checkOneOf,
  checkOptions,
  checkShape,
  checkType,
  integer,
  list,
  ofType,
  oneOf,
  optionError,
  requiredName,
  type Shape,
} from "../../src/index.ts";

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

interface Options {
  readonly name?: string;
  readonly count?: number;
  readonly mode?: "on" | "off";
  readonly hosts?: readonly string[];
  readonly other?: unknown;
}

const shape = {
  name: ofType("string"),
  count: integer(1, 10),
  mode: oneOf(["on", "off"]),
  hosts: list("an array of hosts"),
  other: anything,
} satisfies Shape<Options>;

test("checkShape() refuses what is no object, an unknown option, and each option by its own check", () => {
  checkShape("createX", {}, shape);
  checkShape("createX", { name: "a", count: 10, mode: "off", hosts: [], other: Symbol("s") }, shape);
  for (const [options, message] of [
    [undefined, "createX: options are undefined, want an object"],
    [{ nmae: "a" }, 'createX: option "nmae" is unknown, want one of name, count, mode, hosts, other'],
    [{ name: 1 }, 'createX: option "name" is 1, want a string'],
    [{ count: 11 }, 'createX: option "count" is 11, want a whole number from 1 to 10'],
    [{ mode: "maybe" }, 'createX: option "mode" is "maybe", want "on" or "off"'],
    [{ hosts: "a" }, 'createX: option "hosts" is "a", want an array of hosts'],
  ] as const) {
    assert.throws(() => checkShape("createX", options, shape), { name: "TypeError", message });
  }
});

test("requiredName wants a name, and that there is one", () => {
  requiredName("createX", "service", "web-api");
  for (const value of [undefined, "Bad Name", 7, ""]) {
    assert.throws(
      () => requiredName("createX", "service", value),
      /createX: option "service" is .*, want a name: /,
    );
  }
});

test("checkShape() has the compiler find an option that its shape forgets, and one that is none", () => {
  const { other: _other, ...rest } = shape;
  // @ts-expect-error: `other` is missing.
  const forgotten: Shape<Options> = rest;
  // @ts-expect-error: `more` is no option.
  const extra: Shape<Options> = { ...shape, more: anything };
  assert.deepEqual([Object.keys(forgotten).length, Object.keys(extra).length], [4, 6]);
});
