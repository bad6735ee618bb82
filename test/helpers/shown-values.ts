/**
 * How values are shown, in a log line and by `redactValue` alike: what they are, and what is shown of them as JSON. A
 * stack is any text.
 */
export interface ShownValue {
  readonly make: () => unknown;
  readonly shown: unknown;
}

/** Stands in the table for the text of a stack. */
export const STACK = "a stack";

class Point {
  x = 1;
  y = { z: 2 };
  get computed(): number {
    return 3;
  }
  method(): void {}
}

class RedeemError extends Error {
  code = "E1";
}

const throws = (): never => {
  throw new RangeError("for hunter2");
};

const cyclic = (): object => {
  const object: Record<string, unknown> = { a: 1 };
  object.self = object;
  return object;
};

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

export const SHOWN_VALUES: Readonly<Record<string, ShownValue>> = {
  "fetch's Headers": {
    make: () =>
      new Headers([
        ["accept", "text/html"],
        ["authorization", "Bearer abcdefgh12345678"],
      ]),
    shown: { accept: "text/html", authorization: "[Redacted]" },
  },
  "functions among fields": { make: () => ({ a: 1, run() {}, made: () => {}, Point }), shown: { a: 1 } },
  "functions in an array": { make: () => [() => {}, 1, Point], shown: [null, 1, null] },
  "functions in a Map and a Set": {
    make: () => [new Map([["a", () => {}]]), new Set([() => {}])],
    shown: [{}, [null]],
  },
  "a date": { make: () => new Date(0), shown: "1970-01-01T00:00:00.000Z" },
  "a date that is none": { make: () => new Date(Number.NaN), shown: "Invalid Date" },
  "bytes of a text": { make: () => Buffer.from("text"), shown: "text" },
  "bytes of a secret": { make: () => Buffer.from("password=hunter2"), shown: "password=[Redacted]" },
  "bytes of no text": { make: () => new Uint8Array([0, 1, 255]), shown: "[Uint8Array 3 bytes]" },
  "a Buffer of no text": { make: () => Buffer.from([127]), shown: "[Buffer 1 bytes]" },
  "no bytes": { make: () => new Uint8Array(0), shown: "" },
  "an ArrayBuffer of a text": { make: () => new TextEncoder().encode("text").buffer, shown: "text" },
  "a SharedArrayBuffer": { make: () => new SharedArrayBuffer(3), shown: "[SharedArrayBuffer 3 bytes]" },
  "a DataView": { make: () => new DataView(new ArrayBuffer(4)), shown: "[DataView 4 bytes]" },
  "a typed array of numbers": { make: () => new Float32Array([1.5, 2]), shown: [1.5, 2] },
  "a typed array of big numbers": { make: () => new BigInt64Array([1n]), shown: ["1"] },
  "a Map with keys of all kinds": {
    make: () =>
      new Map<unknown, unknown>([
        ["a", 1],
        [2, 2],
        [null, 3],
        [true, 4],
        [Symbol("s"), 5],
        [{ k: 1 }, 6],
        [[1, 2], 7],
      ]),
    shown: { 2: 2, a: 1, null: 3, true: 4, "Symbol(s)": 5, '{"k":1}': 6, "[1,2]": 7 },
  },
  "a Map with a secret, and one in a key": {
    make: () =>
      new Map<unknown, unknown>([
        ["password", "hunter2"],
        [{ password: "hunter2" }, 1],
      ]),
    shown: { password: "[Redacted]", '{"password":"[Redacted]"}': 1 },
  },
  "a Set": { make: () => new Set([1, { a: 2 }]), shown: [1, { a: 2 }] },
  "a getter that throws": {
    make: () => Object.defineProperty({ a: 1 }, "b", { enumerable: true, get: throws }),
    shown: { a: 1, b: "[Throws: RangeError]" },
  },
  "a getter that throws no error": {
    make: () => ({
      get a(): never {
        throw "hunter2";
      },
    }),
    shown: { a: "[Throws: string]" },
  },
  "a toJSON that throws": { make: () => ({ toJSON: throws, a: 1 }), shown: "[Throws: RangeError]" },
  "a toJSON": { make: () => ({ toJSON: () => ({ z: 1 }) }), shown: { z: 1 } },
  "an array with an item that throws": {
    make: () => Object.defineProperty(["a", "b", 2], 0, { get: throws }),
    shown: ["[Throws: RangeError]", "b", 2],
  },
  "a proxy that is revoked": { make: revoked, shown: "[Throws: TypeError]" },
  "a proxy that does not tell its keys": {
    make: () => new Proxy({ a: 1 }, { ownKeys: throws }),
    shown: "[Throws: RangeError]",
  },
  "an error whose message throws": {
    make: () => Object.defineProperty(new Error("x"), "message", { get: throws }),
    shown: { type: "Error", message: "[Throws: RangeError]", stack: STACK },
  },
  "an error of a class, with a field and a cause": {
    make: () => new RedeemError("msg", { cause: new TypeError("why") }),
    shown: {
      type: "RedeemError",
      message: "msg",
      stack: STACK,
      cause: { type: "TypeError", message: "why", stack: STACK },
      code: "E1",
    },
  },
  "an AggregateError": {
    make: () => new AggregateError([new Error("x")], "all"),
    shown: {
      type: "AggregateError",
      message: "all",
      stack: STACK,
      errors: [{ type: "Error", message: "x", stack: STACK }],
    },
  },
  "a URL": {
    make: () => new URL("http://example.com/x?token=abcdef"),
    shown: "http://example.com/x?token=[Redacted]",
  },
  "parameters of a URL": {
    make: () => new URLSearchParams("a=1&token=abcdef"),
    shown: "a=1&token=[Redacted]",
  },
  "a regular expression": { make: () => /a+/g, shown: "/a+/g" },
  "boxed primitives": {
    make: () => [new String("s"), new Number(1), new Boolean(false), Object(10n), Object(Symbol("q"))],
    shown: ["s", 1, false, "10", "Symbol(q)"],
  },
  "numbers that JSON does not have": {
    make: () => [Number.NaN, Number.POSITIVE_INFINITY, -0],
    shown: [null, null, 0],
  },
  "a bigint and a symbol": { make: () => [10n, Symbol("s")], shown: ["10", "Symbol(s)"] },
  "an instance of a class": { make: () => new Point(), shown: { x: 1, y: { z: 2 } } },
  "an object without a prototype": {
    make: () => Object.assign(Object.create(null), { a: 1 }),
    shown: { a: 1 },
  },
  "an own field called __proto__": {
    make: () => JSON.parse('{"a":{"__proto__":1}}').a,
    shown: JSON.parse('{"__proto__":1}'),
  },
  "a value that a field beside it names": {
    make: () => ({ name: "password", value: "hunter2", path: "/" }),
    shown: { name: "password", value: "[Redacted]", path: "/" },
  },
  "what a validator refused": {
    make: () => ({ path: ["user", "password"], received: "hunter2", code: "too_small" }),
    shown: { path: ["user", "password"], received: "[Redacted]", code: "too_small" },
  },
  "a command and its arguments": {
    make: () => ({ command: "auth", args: ["ada", "hunter2"] }),
    shown: { command: "auth", args: "[Redacted]" },
  },
  "a program and its arguments": {
    make: () => ({ file: "mysql", spawnargs: ["-phunter2", "shop"] }),
    shown: { file: "mysql", spawnargs: "[Redacted]" },
  },
  "a command of a driver's error": {
    make: () => Object.assign(new Error("x"), { command: { name: "auth", args: ["hunter2"] } }),
    shown: { type: "Error", message: "x", stack: STACK, command: { name: "auth", args: "[Redacted]" } },
  },
  "a cycle": { make: cyclic, shown: { a: 1, self: "[Circular]" } },
  "what is undefined or null": {
    make: () => ({ a: undefined, b: null, c: [undefined] }),
    shown: { b: null, c: [null] },
  },
};
