import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";

const { redactValue } = createRedactor();
const MASK = "[Redacted]";

test("redactValue() redacts keys at any depth and text anywhere", () => {
  const given = { a: [{ b: { Password: "x", note: "mail ada@example.com" } }], n: 1, t: true, z: null };
  assert.deepEqual(redactValue(given), {
    a: [{ b: { Password: MASK, note: `mail ${MASK}` } }],
    n: 1,
    t: true,
    z: null,
  });
  assert.equal(given.a[0]!.b.Password, "x");
});

test("redactValue() redacts names of keys", () => {
  assert.deepEqual(redactValue({ "ada@example.com": 1, "bob@example.com": 2 }), {
    [MASK]: 1,
    [`${MASK}'`]: 2,
  });
});

test("redactValue() redacts headers as object, raw array and entries", () => {
  assert.deepEqual(redactValue(["Authorization", "x", "Host", "h"]), ["Authorization", MASK, "Host", "h"]);
  assert.deepEqual(
    redactValue([
      ["cookie", "x"],
      ["host", "h"],
    ]),
    [
      ["cookie", MASK],
      ["host", "h"],
    ],
  );
  assert.deepEqual(redactValue(new Headers({ "x-api-key": "x", host: "h" })), {
    host: "h",
    "x-api-key": MASK,
  });
});

test("redactValue() copies Map, Set, Date, URL and boxed values into plain data", () => {
  const map = new Map<unknown, unknown>([
    ["token", "x"],
    [{ k: "ada@example.com" }, 1],
  ]);
  assert.deepEqual(redactValue(map), { token: MASK, [`{"k":"${MASK}"}`]: 1 });
  assert.deepEqual(redactValue(new Set(["ada@example.com", 1])), [MASK, 1]);
  assert.equal(redactValue(new Date(0)), "1970-01-01T00:00:00.000Z");
  assert.equal(redactValue(new Date(Number.NaN)), "Invalid Date");
  assert.equal(redactValue(new URL("https://u:p@h/?sig=1")), `https://${MASK}@h/?sig=${MASK}`);
  assert.equal(redactValue(new URLSearchParams("token=1&a=2")), `token=${MASK}&a=2`);
  assert.equal(redactValue(new String("ada@example.com")), MASK);
});

test("redactValue() reads text out of bytes and names other bytes", () => {
  assert.equal(redactValue(Buffer.from('{"password":"x"}')), `{"password":"${MASK}"}`);
  assert.equal(redactValue(new Uint8Array(Buffer.from("ada@example.com"))), MASK);
  assert.equal(redactValue(Buffer.from([255, 254, 0])), "[Buffer 3 bytes]");
  assert.deepEqual(redactValue(new Float64Array(2)), [0, 0]);
  assert.equal(redactValue(new ArrayBuffer(4)), "[ArrayBuffer 4 bytes]");
});

test("redactValue() redacts what toJSON and getters return", () => {
  class User {
    readonly id = 1;
    toJSON() {
      return { id: this.id, email: "ada@example.com", at: "ada@example.com" };
    }
  }
  assert.deepEqual(redactValue(new User()), { id: 1, email: MASK, at: MASK });
  const own = {
    get note() {
      return "ada@example.com";
    },
  };
  assert.deepEqual(redactValue(own), { note: MASK });
  const self = {
    a: 1,
    toJSON() {
      return this;
    },
  };
  assert.deepEqual(redactValue(self), { a: 1 });
});

test("redactValue() copies an Error with message, stack, causes and own properties", () => {
  const root = new TypeError("no route for ada@example.com");
  const error = Object.assign(new AggregateError([root], "token=abc", { cause: root }), {
    code: "E1",
    password: "x",
  });
  const copy = redactValue(error) as Record<string, unknown>;
  assert.equal(copy.type, "AggregateError");
  assert.equal(copy.message, `token=${MASK}`);
  assert.match(String(copy.stack), /^AggregateError: token=\[Redacted\]\n {4}at /);
  assert.equal(copy.code, "E1");
  assert.equal(copy.password, MASK);
  assert.equal((copy.cause as Record<string, unknown>).message, `no route for ${MASK}`);
  assert.equal((copy.errors as Record<string, unknown>[])[0]!.type, "TypeError");
});

test("redactValue() survives cycles, depth, throwing getters and Proxies", () => {
  const cyclic: Record<string, unknown> = { password: "x" };
  cyclic.self = cyclic;
  assert.deepEqual(redactValue(cyclic), { password: MASK, self: "[Circular]" });
  let deep: unknown = "x";
  for (let i = 0; i < 100_000; i++) deep = { deep };
  assert.match(JSON.stringify(redactValue(deep)), /\[Depth limit\]/);
  const throwing = {
    get a(): never {
      throw new Error("for ada@example.com");
    },
    b: 1,
  };
  assert.deepEqual(redactValue(throwing), { a: "[Throws: Error]", b: 1 });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.match(String((redactValue({ proxy, ok: 1 }) as { proxy: string }).proxy), /^\[Throws: /);
  assert.deepEqual(redactValue(Object.assign(Object.create(null), { token: "x" })), { token: MASK });
});

test("redactValue() keeps an own __proto__ key a key", () => {
  const copy = redactValue(JSON.parse('{"__proto__":{"isAdmin":true}}')) as object;
  assert.equal(JSON.stringify(copy), '{"__proto__":{"isAdmin":true}}');
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
});

test("redactValue() finds card numbers in numbers", () => {
  assert.deepEqual(redactValue([4111111111111111, 4111111111111111n, 1732092461960, -1, 5n]), [
    MASK,
    MASK,
    1732092461960,
    -1,
    5n,
  ]);
});

test("redactValue() keeps what cannot hold a secret under a sensitive key", () => {
  assert.deepEqual(redactValue({ password: null, token: true, cookie: "", pin: 0 }), {
    password: null,
    token: true,
    cookie: "",
    pin: MASK,
  });
});

test("redactValue() keeps to its limits", () => {
  const limits = { depth: 2, items: 2, length: 5 };
  assert.deepEqual(redactValue({ a: "123456789", b: { c: { d: 1 } }, e: 1 }, limits), {
    a: "12345",
    b: { c: "[Depth limit]" },
    "[more]": 1,
  });
  assert.deepEqual(redactValue([1, 2, 3], limits), [1, 2, "[1 more]"]);
  assert.deepEqual(redactValue(new Set([1, 2, 3]), limits), [1, 2, "[1 more]"]);
});

test("redactValue() ends soon with objects that hold each other many times", () => {
  let value: unknown = "x";
  for (let i = 0; i < 30; i++) value = { left: value, right: value };
  const text = JSON.stringify(redactValue(value));
  assert.ok(text.length < 4 * 1_048_576, String(text.length));
  assert.match(text, /\[Size limit\]/);
  assert.ok(JSON.stringify(redactValue(Array(1000).fill("x".repeat(1e6)))).length < 2 * 1_048_576);
});
