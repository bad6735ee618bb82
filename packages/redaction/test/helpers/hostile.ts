import fc from "fast-check";
import { anyKey } from "../../../../test/helpers/any-text.ts";

const boom = (): never => {
  throw new Error("boom");
};

const LEAVES: readonly (() => unknown)[] = [
  () => Object.defineProperty({}, "x", { enumerable: true, get: boom }),
  () => ({ toJSON: boom }),
  () => ({
    get toJSON() {
      return boom();
    },
  }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  },
  () => new Proxy({ a: 1 }, { ownKeys: boom, get: boom, getPrototypeOf: boom }),
  () => new Proxy([1, 2], { get: boom }),
  () => new Proxy(() => {}, { get: boom }),
  () => Object.freeze(new Error("frozen")),
  () => Object.defineProperty(new Error("x"), "stack", { get: boom }),
  () => Object.defineProperty(new Error("x"), "message", { get: boom }),
  () => Object.assign(new Error("x"), { name: Symbol("n"), stack: 7, cause: boom }),
  () => Object.setPrototypeOf(new Error("x"), null),
  () => JSON.parse('{"__proto__":{"a":1},"constructor":1,"hasOwnProperty":2}'),
  () => Object.create(null),
  () => Object.create(Object.create(null), { a: { value: 1, enumerable: true } }),
  () => new Map([[{ toString: boom }, 1]]),
  () => Object.defineProperty(new Map(), "size", { value: "many" }),
  () => Object.create(Map.prototype),
  () => Object.create(Date.prototype),
  () => Object.create(Uint8Array.prototype),
  () => Object.create(URL.prototype),
  () => Object.create(Error.prototype),
  () => Object.create(String.prototype),
  () => ({ [Symbol.toStringTag]: "Headers", [Symbol.iterator]: boom }),
  () => ({
    [Symbol.toStringTag]: "Headers",
    [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 7 }) }),
  }),
  () => ({
    get [Symbol.toStringTag]() {
      return boom();
    },
  }),
  () => ({ name: { toString: boom }, key: "token", value: 1 }),
  () => ({ toString: boom, valueOf: boom }),
  () => new Date(Number.NaN),
  () => Symbol("s"),
  () => 2n ** 70n,
  () => "\ud800 lone",
  () => new Array(100_000),
  () => Object.assign([1, 2], { length: 5 }),
  () => new Proxy([], { get: (target, name) => (name === "length" ? 2 ** 32 : Reflect.get(target, name)) }),
  () => new Proxy({}, { ownKeys: () => ["a", "b"], getOwnPropertyDescriptor: boom }),
  () => new WeakMap(),
  () => Promise.resolve(1),
  () => new SharedArrayBuffer(8),
  () => new DataView(new ArrayBuffer(8)),
  () => new BigInt64Array(2),
  () => Buffer.from([0xff, 0xfe, 0x00]),
  () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.a = [cyclic, new Map([[cyclic, cyclic]])];
    return cyclic;
  },
  () => {
    const error = new Error("cyclic");
    error.cause = error;
    return error;
  },
  () => {
    let deep: unknown = 1;
    for (let i = 0; i < 5000; i++) deep = i % 2 === 0 ? [deep] : { deep };
    return deep;
  },
  () => {
    const endless = { toJSON: () => ({ ...endless }) };
    return endless;
  },
];

/** Makes anything at all, with the worst of it at any place; made late, for fast-check looks into what it has. */
export function hostileValue(): fc.Arbitrary<() => unknown> {
  const anything = fc.anything({ withBigInt: true, withSparseArray: true, withTypedArray: true });
  const { value } = fc.letrec<{ value: () => unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(...LEAVES),
      anything.map((item) => () => item),
      fc.array(tie("value"), { maxLength: 3 }).map((makers) => () => makers.map((make) => make())),
      fc.array(fc.tuple(KEY, tie("value")), { maxLength: 3 }).map((entries) => () => {
        return Object.fromEntries(entries.map(([key, make]) => [key, make()]));
      }),
      tie("value").map((make) => () => new Map([[make(), make()]])),
      tie("value").map((make) => () => new Set([make()])),
      tie("value").map(
        (make) => () => Object.assign(new Error("wrapped", { cause: make() }), { item: make() }),
      ),
      tie("value").map((make) => () => new AggregateError([make()])),
      tie("value").map((make) => () => ({ toJSON: make })),
    ),
  }));
  return value;
}

const KEY = fc.oneof(anyKey(), fc.constantFrom("password", "value", "name", "token", "__proto__", "cause"));
