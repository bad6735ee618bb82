import fc from "fast-check";

type Wrap = (inner: unknown, key: string, beside: unknown) => unknown;

/** Every way to put a value into another. */
const WRAPS: readonly Wrap[] = [
  (inner, key, beside) => ({ before: beside, [key]: inner, after: beside }),
  (inner, _, beside) => [beside, inner, beside],
  (inner, key, beside) => [key, inner, beside],
  (inner, key, beside) => new Map([["before", beside] as const, [key, inner] as const]),
  (inner, _, beside) => new Map([[inner, beside]]),
  (inner, _, beside) => new Set([beside, inner]),
  (inner) => new Error("failed", { cause: inner }),
  (inner, key) => Object.assign(new TypeError("failed"), { [key]: inner }),
  (inner, _, beside) => new AggregateError([beside, inner], "failed"),
  (inner, key) => Object.defineProperty({}, key, { enumerable: true, get: () => inner }),
  (inner) => ({ toJSON: () => inner }),
  (inner, key, beside) => new Holder(inner, key, beside),
  (inner, key) => Object.assign(Object.create(null) as object, { [key]: inner }),
  (inner, key) => Object.freeze({ [key]: inner }),
  (inner, key) => new Proxy({ [key]: inner }, {}),
  (inner, key) => {
    const cyclic: Record<string, unknown> = { [key]: inner };
    return Object.assign(cyclic, { self: cyclic });
  },
  (inner, key) => ({ name: key, value: inner }),
  (inner, key) => ({ rawHeaders: ["host", "h", key, inner] }),
];

class Holder {
  readonly beside: unknown;
  readonly #inner: unknown;
  readonly #key: string;

  constructor(inner: unknown, key: string, beside: unknown) {
    this.#inner = inner;
    this.#key = key;
    this.beside = beside;
  }

  get inner(): unknown {
    return this.#inner;
  }

  toJSON(): unknown {
    return { ...this, [this.#key]: this.inner };
  }
}

const KEY = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("password", "value", "name", "err", "toJSON", "__proto__", "level", "text", "body", "id"),
);

/** Puts a value somewhere into an arbitrary object of up to five levels. */
export function nested(): fc.Arbitrary<(inner: unknown) => unknown> {
  const beside = fc.anything({ maxDepth: 1, maxKeys: 2, withBigInt: true, withDate: true });
  const levels = fc.array(fc.tuple(fc.constantFrom(...WRAPS), KEY, beside), { maxLength: 5 });
  return levels.map(
    (chain) => (inner) => chain.reduce((value, [wrap, key, by]) => wrap(value, key, by), inner),
  );
}
