import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { SEED } from "../../../../test/helpers/random.ts";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const MASK = "[Redacted]";
const { redactText, redactValue } = createFullRedactor();
const SECRET = /hunter2/;

class SecretString {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

const invalid = { type: "field", value: "hunter2", msg: "Invalid value", path: "password", location: "body" };
const OBJECTS: readonly (readonly [code: string, value: object])[] = [
  ["R2", invalid],
  ["R2", { value: "hunter2", path: "password" }],
  ["R2", { path: "password", kind: "user defined", value: "hunter2" }],
  ["R2", { property: "password", target: { city: "Oslo" }, value: "hunter2" }],
  ["R2", { code: "too_small", path: ["user", "password"], input: "hunter2" }],
  ["R2", { message: "x", path: ["password"], context: { value: "hunter2", key: "password" } }],
  ["R2", { field: "password", rejectedValue: "hunter2" }],
  ["R2", { Name: "/prod/db/password", Type: "SecureString", Value: "hunter2" }],
  ["R2", { ParameterKey: "DBPassword", ParameterValue: "hunter2" }],
];

for (const [code, value] of OBJECTS) {
  test(`${code}: a name beside a value hides it, in the object and in its text: ${JSON.stringify(value)}`, () => {
    assert.doesNotMatch(JSON.stringify(redactValue({ errors: [value] })), SECRET);
    const { length } = JSON.stringify(value);
    for (const text of [
      JSON.stringify(value),
      JSON.stringify(value, null, 2),
      JSON.stringify({ body: JSON.stringify(value) }),
    ]) {
      assert.doesNotMatch(redactText(`failed: ${text} (${length})`), SECRET);
    }
    assert.doesNotMatch(redactText(inspect(value, { depth: null })), SECRET);
  });
}

const ONLY_OBJECTS: readonly object[] = [
  { instancePath: "/password", data: "hunter2" },
  { SecretString: "hunter2" },
  { kind: "Secret", data: { url: "hunter2" } },
  { name: "projects/1/secrets/db/versions/1", payload: { data: "hunter2" } },
  { id: "https://v.vault.azure.net/secrets/db/1", value: "hunter2" },
  { Plaintext: "hunter2" },
];

for (const value of ONLY_OBJECTS) {
  test(`R3: redactValue() hides what a cloud or a validator hands over: ${JSON.stringify(value)}`, () => {
    assert.doesNotMatch(JSON.stringify(redactValue({ value })), SECRET);
  });
}

test("R2: a name hides a value beside it in any order and at any distance in a small object", () => {
  const other = fc.dictionary(fc.constantFrom("a", "b", "c", "msg", "type"), fc.constantFrom("x", 1, true), {
    maxKeys: 5,
  });
  const nameKey = fc.constantFrom("name", "key", "path", "field", "param", "property");
  fc.assert(
    fc.property(other, nameKey, fc.boolean(), (rest, key, first) => {
      const pair = { [key]: "password" };
      const value = first ? { ...pair, ...rest, value: "hunter2" } : { value: "hunter2", ...rest, ...pair };
      for (const redacted of [
        JSON.stringify(redactValue(value)),
        redactText(JSON.stringify(value)),
        redactText(inspect(value)),
      ]) {
        assert.doesNotMatch(redacted, SECRET);
      }
    }),
    { numRuns: 500, seed: SEED },
  );
});

const TEXTS: readonly (readonly [code: string, text: string, expected: string])[] = [
  ["R2", "field=password value=hunter2", `field=password value=${MASK}`],
  ["R2", "value=hunter2 path=password msg=x", `value=${MASK} path=password msg=x`],
  ["R2", '<input name="password" value="hunter2">', `<input name="password" value="${MASK}">`],
  ["R2", '<add key="ApiKey" value="hunter2" />', `<add key="ApiKey" value="${MASK}" />`],
  ["R2", '<property name="password">hunter2</property>', `<property name="password">${MASK}</property>`],
  [
    "R2",
    'form-data; name="password"\r\n\r\nhunter2\r\n--b',
    `form-data; name="password"\r\n\r\n${MASK}\r\n--b`,
  ],
  ["R3", "Key (api_token)=(hunter2) already exists.", `Key (api_token)=(${MASK}) already exists.`],
  [
    "R3",
    "Key (email, api_token)=(x, hunter2) already exists.",
    `Key (email, api_token)=(${MASK}) already exists.`,
  ],
  [
    "R3",
    'Key ("apiToken")=(hunter2) is not present in table "x".',
    `Key ("apiToken")=(${MASK}) is not present in table "x".`,
  ],
  [
    "R3",
    "Key (lower(api_token::text))=(hunt(er2) already exists.",
    `Key (lower(api_token::text))=(${MASK}) already exists.`,
  ],
  ["R3", "Failing row contains (1, ada, hunter2).", `Failing row contains (${MASK}).`],
  [
    "R3",
    "Duplicate entry 'hunter2' for key 'users.api_token'",
    `Duplicate entry '${MASK}' for key 'users.api_token'`,
  ],
  [
    "R3",
    "Duplicate entry 'hunter2' for key 'api_token_UNIQUE'",
    `Duplicate entry '${MASK}' for key 'api_token_UNIQUE'`,
  ],
  [
    "R3",
    "Violation of UNIQUE KEY constraint 'UQ_users_api_token'. The duplicate key value is (hunter2).",
    `Violation of UNIQUE KEY constraint 'UQ_users_api_token'. The duplicate key value is (${MASK}).`,
  ],
  [
    "R3",
    'index: api_token_1 dup key: { api_token: "hunter2" }',
    `index: api_token_1 dup key: { api_token: "${MASK}" }`,
  ],
  ["R3", '{"SecretString":"hunter2"}', `{"SecretString":"${MASK}"}`],
  ["R4", "{ password: Secret { value: 'hunter2' }, a: 1 }", `{ password: ${MASK}, a: 1 }`],
  ["R4", "{ cookies: [Object: null prototype] { sid: 'hunter2' }, a: 1 }", `{ cookies: ${MASK}, a: 1 }`],
  ["R4", "{'password': SecretStr('hunter2'), 'a': 1}", `{'password': ${MASK}, 'a': 1}`],
  [
    "R4",
    'main.User{Name:"ada", Password:main.Secret{v:"hunter2"}}',
    `main.User{Name:"ada", Password:${MASK}}`,
  ],
  ["R4", '["password"]=> string(7) "hunter2"\n', `["password"]=> "${MASK}"\n`],
  ["R4", 'password: Some("hunter2"), x', `password: ${MASK}, x`],
  ["R4", '#<User password=#<Secret value="hunter2">>', `#<User password=${MASK}>`],
];

for (const [code, text, expected] of TEXTS) {
  test(`${code}: redactText() hides the whole value in ${JSON.stringify(text)}`, () => {
    assert.equal(redactText(text), expected);
    assert.equal(redactText(expected), expected);
  });
}

const PRINTED: readonly unknown[] = [
  new SecretString("hunter2"),
  Object.assign(Object.create(null), { sid: "hunter2" }),
  new Map([["a", new SecretString("hunter2")]]),
  new Set(["hunter2"]),
  new (class Credentials {
    readonly first = "hunter2";
    readonly inner = new SecretString("hunter2");
  })(),
  [["hunter2"], { a: { b: { c: ["hunter2"] } } }],
  Object.assign(() => {}, { key: "hunter2" }),
  "hunter2 line\nhunter2 line\nhunter2",
  new String("hunter2"),
];

for (const [i, value] of PRINTED.entries()) {
  test(`R4: redactText() hides the whole of what util.inspect prints, at any depth and width: ${i + 1}`, () => {
    for (const options of [
      {},
      { colors: true },
      { breakLength: 20 },
      { breakLength: Infinity },
      { compact: false },
    ]) {
      for (const holder of [
        { password: value },
        { a: { b: [{ cookies: value, n: 1 }] } },
        new Map([["token", value]]),
      ]) {
        const text = inspect(holder, { depth: null, ...options });
        assert.match(text, SECRET);
        assert.doesNotMatch(redactText(text), SECRET, text);
        assert.doesNotMatch(redactText(JSON.stringify({ msg: text })), SECRET, text);
      }
    }
  });
}

for (const levels of [5, 6, 7, 8, 10]) {
  test(`G7: redactText() hides a password under ${levels} layers of JSON in JSON`, () => {
    let text = JSON.stringify({ user: { password: "hunter2", note: 'say "no"' } });
    for (let i = 1; i < levels; i++) text = JSON.stringify({ body: text });
    assert.doesNotMatch(redactText(text), SECRET);
    assert.doesNotMatch(JSON.stringify(redactValue({ text })), SECRET);
    assert.equal(redactText(text).includes("say"), true);
  });
}
