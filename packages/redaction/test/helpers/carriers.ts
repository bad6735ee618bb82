import type { Secret } from "../../../../test/helpers/secrets.ts";

/** A place where a secret may hide. */
export interface Carrier {
  readonly name: string;
  /** A value for a log record that holds the secret there. */
  readonly wrap: (secret: Secret) => unknown;
}

const field = ({ field: [key, value] }: Secret): Record<string, unknown> => ({
  id: 7,
  [key]: value,
  ok: true,
});

const depth = (levels: number): Carrier => ({
  name: `field at depth ${levels}`,
  wrap: (secret) => {
    let value: unknown = field(secret);
    for (let i = 1; i < levels; i++) value = { level: i, inner: value };
    return value;
  },
});

/** Every place of data that a secret may be in, apart from those that only a logger has. */
export const CARRIERS: readonly Carrier[] = [
  ...Array.from({ length: 12 }, (_, level) => depth(level + 1)),
  { name: "text", wrap: ({ text }) => text },
  { name: "text in a sentence", wrap: ({ text }) => `request failed (${text}), giving up` },
  { name: "text behind others", wrap: ({ text }) => `user=ada status=200 url=/a/b?c=d ${text}` },
  { name: "array", wrap: (secret) => [1, field(secret), [field(secret)]] },
  { name: "array of texts", wrap: ({ text }) => ["a", text, "b"] },
  { name: "Map", wrap: (secret) => new Map(Object.entries(field(secret))) },
  { name: "Map key", wrap: ({ text }) => new Map([[text, 1]]) },
  { name: "Set", wrap: (secret) => new Set([1, secret.text, field(secret)]) },
  { name: "key of an object", wrap: ({ text }) => ({ [text]: 1 }) },
  { name: "class getter", wrap: (secret) => new WithGetter(secret) },
  {
    name: "own getter",
    wrap: (secret) => Object.defineProperty({}, "value", { enumerable: true, get: () => field(secret) }),
  },
  { name: "toJSON output", wrap: (secret) => ({ toJSON: () => field(secret) }) },
  { name: "toJSON text", wrap: ({ text }) => ({ toJSON: () => text }) },
  {
    name: "cycle",
    wrap: (secret) => {
      const value: Record<string, unknown> = field(secret);
      value.self = value;
      value.list = [value];
      return value;
    },
  },
  { name: "Error message and stack", wrap: ({ text }) => new Error(`cannot log in with ${text}`) },
  { name: "Error name", wrap: ({ text }) => Object.assign(new Error("x"), { name: text }) },
  {
    name: "cause at depth 5",
    wrap: ({ text }) => {
      let error = new Error(text);
      for (let i = 0; i < 5; i++) error = new Error(`level ${i}`, { cause: error });
      return error;
    },
  },
  { name: "cause that is no Error", wrap: (secret) => new Error("x", { cause: field(secret) }) },
  {
    name: "AggregateError",
    wrap: ({ text }) => new AggregateError([new Error("a"), new TypeError(text)], "both"),
  },
  {
    name: "Error own properties",
    wrap: (secret) => Object.assign(new Error("x"), { config: field(secret) }),
  },
  {
    name: "raw header array",
    wrap: ({ field: [key, value] }) => ({ rawHeaders: ["Host", "h", key, value] }),
  },
  { name: "header entries", wrap: ({ field: pair }) => ({ headers: [["host", "h"], pair] }) },
  {
    name: "name and value",
    wrap: ({ field: [name, value] }) => ({ headers: [{ name, value }], form: [{ key: name, value }] }),
  },
  {
    name: "URL query",
    wrap: ({ field: [key, value] }) => `/a?x=1&${encodeURIComponent(key)}=${encodeURIComponent(value)}`,
  },
  {
    name: "URL object",
    wrap: ({ field: [key, value] }) => new URL(`https://h/?${new URLSearchParams({ a: "1", [key]: value })}`),
  },
  { name: "URLSearchParams", wrap: ({ field: [key, value] }) => new URLSearchParams({ [key]: value }) },
  ...[1, 2, 3, 4].map((levels) => ({
    name: `JSON in text, ${levels} deep`,
    wrap: (secret: Secret) => {
      let text = JSON.stringify({ body: field(secret) });
      for (let i = 1; i < levels; i++) text = JSON.stringify({ body: text });
      return `got ${text}`;
    },
  })),
  { name: "line of a text in JSON", wrap: ({ text }) => JSON.stringify({ body: `first\n${text}\nlast` }) },
  { name: "text in colour", wrap: ({ text }) => `\x1b[1;32m${text}\x1b[0m` },
  { name: "pretty JSON", wrap: (secret) => JSON.stringify(field(secret), null, 2) },
  { name: "Buffer text", wrap: ({ text }) => Buffer.from(text) },
  { name: "Uint8Array text", wrap: ({ text }) => new TextEncoder().encode(text) },
  { name: "null prototype", wrap: (secret) => Object.assign(Object.create(null) as object, field(secret)) },
  { name: "Proxy", wrap: (secret) => new Proxy(field(secret), {}) },
  { name: "frozen", wrap: (secret) => Object.freeze(field(secret)) },
  { name: "boxed string", wrap: ({ text }) => Object(text) },
  { name: "symbol", wrap: ({ text }) => Symbol(text) },
  { name: "function name", wrap: ({ text }) => Object.defineProperty(() => {}, "name", { value: text }) },
  {
    name: "thrown by a getter",
    wrap: ({ text }) => ({
      get x() {
        throw new Error(text);
      },
    }),
  },
];

class WithGetter {
  readonly #secret: Secret;
  readonly id = 1;

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  get detail(): unknown {
    return field(this.#secret);
  }

  toJSON(): unknown {
    return { ...this, detail: this.detail };
  }
}
