import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";

const MANY = 20_000;
const MB = 1_048_576;

/** Values of 50 MB and more, or without end; `onRead` is told of each look into them. */
export const ENDLESS: Readonly<Record<string, (onRead: () => void) => unknown>> = {
  "a string": () => Buffer.alloc(50 * MB, "text and ").toString("latin1"),
  "bytes of text": () => Buffer.alloc(50 * MB, "text and "),
  "an object of many keys": (onRead) => getters(MANY, () => `${onRead()} text`),
  "an object of many long texts": (onRead) => getters(MANY, () => `${onRead()} text `.repeat(1_000)),
  "an instance of a class": (onRead) =>
    Object.setPrototypeOf(
      getters(MANY, () => `${onRead()} text`),
      class Some {}.prototype,
    ),
  "an array": (onRead) => list(onRead, 1_000_000),
  "an array of arrays": (onRead) => list(onRead, 1_000, list(onRead, 1_000, list(onRead, 1_000))),
  "a tree": tree,
  "a Map": (onRead) => new CountedMap(onRead),
  "a Set": (onRead) => new CountedSet(onRead),
  "an array of numbers": () => new Float64Array(6 * MB),
  "an error with many properties": (onRead) =>
    Object.defineProperties(
      new Error("x"),
      Object.getOwnPropertyDescriptors(getters(MANY, () => `${onRead()}`)),
    ),
  "an error of many errors": (onRead) =>
    Object.assign(new AggregateError([]), { errors: list(onRead, 1_000_000) }),
  "an error whose causes never end": caused,
  "a toJSON that never ends": (onRead) => {
    const endless = { toJSON: () => [onRead(), { ...endless }] };
    return endless;
  },
};

/** `redactor`, counting the characters it is shown. */
export function counting(redactor: SerialiserRedactor, counts: { characters: number }): SerialiserRedactor {
  return new Proxy(redactor, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        // What ends in `At` is asked for one place.
        if (typeof args[0] === "string")
          counts.characters += String(name).endsWith("At") ? 1 : args[0].length;
        return method.apply(target, args);
      };
    },
  });
}

function getters(count: number, get: () => unknown): object {
  const descriptor = { get, enumerable: true };
  return Object.defineProperties(
    {},
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, descriptor])),
  );
}

/** An array in which each place is looked up: what `item` is, or text. */
function list(onRead: () => void, length: number, item: unknown = "some text"): unknown[] {
  return new Proxy([], {
    get: (_, name) => {
      if (name === "length") return length;
      if (typeof name === "symbol" || !/^\d+$/.test(name)) return undefined;
      onRead();
      return item;
    },
  });
}

/** Each node has a hundred more. */
function tree(onRead: () => void): object {
  return getters(100, () => {
    onRead();
    return tree(onRead);
  });
}

function caused(onRead: () => void): Error {
  return Object.defineProperty(new Error("x"), "cause", {
    get: () => {
      onRead();
      return caused(onRead);
    },
  });
}

class CountedMap extends Map<string, string> {
  readonly #onRead: () => void;

  constructor(onRead: () => void) {
    super();
    this.#onRead = onRead;
  }

  override *[Symbol.iterator](): MapIterator<[string, string]> {
    for (let n = 0; ; n++) {
      this.#onRead();
      yield [`k${n}`, "text"];
    }
  }
}

class CountedSet extends Set<string> {
  readonly #onRead: () => void;

  constructor(onRead: () => void) {
    super();
    this.#onRead = onRead;
  }

  override *[Symbol.iterator](): SetIterator<string> {
    for (;;) {
      this.#onRead();
      yield "text";
    }
  }
}
