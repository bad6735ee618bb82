import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anything,
  checkShape,
  integer,
  list,
  ofType,
  oneOf,
  optional,
  optionError,
  required,
  requiredFunction,
  requiredInteger,
  requiredName,
  requiredOneOf,
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

test("checkShape() refuses what is no object and keys it does not know, and names the item of a list", () => {
  const shape = { level: integer(1), b: anything };
  checkShape("createX", { level: 1 }, shape);
  assert.throws(() => checkShape("createX", null, shape), /createX: options are null, want an object/);
  assert.throws(() => checkShape("createX", [], shape), /want an object/);
  assert.throws(
    () => checkShape("createX", { levle: 1 }, shape),
    /option "levle" is unknown, want one of level, b/,
  );
  for (const key of ["constructor", "toString", "__proto__"])
    assert.throws(() => checkShape("createX", JSON.parse(`{"${key}":1}`), shape), /is unknown/);
  assert.throws(
    () => checkShape("createX", { c: 1 }, shape, "items[3]."),
    /option "items\[3\]\.c" is unknown/,
  );
  assert.throws(
    () => checkShape("createX", { level: 0 }, shape, "items[3]."),
    /option "items\[3\]\.level" is 0, want a whole number of at least 1/,
  );
});

test("integer() and requiredInteger() accept the ends of their range and nothing beyond", () => {
  for (const check of [integer(1, 10), requiredInteger(1, 10)]) {
    for (const ok of [1, 10]) check("x", "n", ok);
    for (const bad of [0, 11, 1.5, "5", null, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => check("x", "n", bad), /option "n" is .+, want a whole number from 1 to 10/);
    }
  }
  assert.throws(() => integer(1)("x", "n", 0), /want a whole number of at least 1/);
});

test("a check that says required refuses a missing option, the others let it pass", () => {
  for (const check of [
    integer(1),
    ofType("function"),
    oneOf(["a"]),
    list("a list"),
    optional(() => false, "z"),
    anything,
  ])
    check("x", "o", undefined);
  for (const check of [
    requiredInteger(1),
    requiredFunction,
    requiredOneOf(["a"]),
    requiredName,
    required(() => false, "z"),
  ])
    assert.throws(() => check("x", "o", undefined), /^TypeError: x: option "o" is undefined, want /);
  requiredFunction("x", "f", () => {});
  requiredOneOf(["a", "b"])("x", "w", "b");
  required((value) => value === 1, "one")("x", "o", 1);
  optional((value) => value === 1, "one")("x", "o", 1);
});

test("ofType() and oneOf() name what is wanted", () => {
  ofType("function")("x", "f", () => {});
  assert.throws(() => ofType("object")("x", "f", null), /want an object/);
  assert.throws(() => oneOf(["a", "b"])("x", "w", "c"), /option "w" is "c", want "a" or "b"/);
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
