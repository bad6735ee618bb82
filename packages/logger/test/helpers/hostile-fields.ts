import fc from "fast-check";
import { anyKey } from "../../../../test/helpers/any-text.ts";
import { hostileValue } from "../../../redaction/test/helpers/hostile.ts";

/** Objects and arrays within one another, 100,000 deep, and frozen: too much to look through at each run. */
export const DEEP: unknown = nested(100_000);

const boom = (): never => {
  throw new RangeError("boom");
};

// What the redactor's generator does not have.
const MORE: readonly (() => unknown)[] = [
  () => DEEP,
  () => ({ [Symbol("own")]: { inner: [1] }, shown: 1 }),
  () => Object.defineProperty({ shown: 1 }, "hidden", { value: { inner: [1] } }),
  () => Object.assign(Object.freeze(new TypeError("frozen")).cause ?? {}, { a: 1 }),
  () => Object.freeze(Object.assign(new Error("frozen", { cause: Object.freeze({ a: 1 }) }), { own: [1] })),
  () => ({
    before: 1,
    bad: undefined,
    get worse() {
      return boom();
    },
    after: [1, { b: 2 }],
  }),
  () => Object.assign(/x/g, { lastIndex: 1 }),
  () => ({ "lone \udc00": "\ud800", "__proto__\u0000": 1n }),
  () => JSON.parse('{"a":{"__proto__":{"__proto__":1}},"toString":1,"valueOf":2}'),
  () => new Proxy({ a: 1, b: { c: 2 } }, { set: boom, defineProperty: boom, deleteProperty: boom }),
  () => new Map<unknown, unknown>([[{ key: 1 }, new Map([[Symbol("s"), new Set([[1]])]])]]),
];

const VALUE = fc.oneof(hostileValue(), fc.constantFrom(...MORE));

const KEY = fc.oneof(
  fc.constantFrom(
    ...["level", "time", "msg", "service", "trace_id", "span_id", "recorded", "repeats", "truncated"],
    ...["_level", "__level", "_msg", "text", "err", "toJSON", "first", "password", "constructor"],
    ...["__proto__", "ada@example.org", "bob@example.org", "\ud800", 'a"b\\'],
  ),
  anyKey({ maxLength: 12 }),
);

/** Makes fields of anything at all, the same each time; those named `first` and `last` are healthy. */
export const HOSTILE_FIELDS: fc.Arbitrary<() => Record<string, unknown>> = fc
  .tuple(fc.array(fc.tuple(KEY, VALUE), { maxLength: 6 }), fc.boolean(), fc.boolean())
  .map(([entries, throws, plain]) => () => {
    const fields = (plain ? {} : Object.create(null)) as Record<string, unknown>;
    fields.first = 1;
    for (const [key, make] of entries) {
      const value = key === "first" || key === "last" ? 1 : make();
      Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
    }
    if (throws) Object.defineProperty(fields, "bad", { enumerable: true, configurable: true, get: boom });
    fields.last = { a: 1 };
    return fields;
  });

/** Makes anything at all. */
export const HOSTILE_VALUE: fc.Arbitrary<() => unknown> = VALUE;

function nested(levels: number): unknown {
  let deep: unknown = "bottom";
  for (let i = 0; i < levels; i++) deep = Object.freeze(i % 2 === 0 ? { deep } : [deep]);
  return deep;
}
