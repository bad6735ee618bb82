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
  ["R2", { field: "password", old: "hunter2", new: "hunter2" }],
  ["R2", { action: "update", column: "api_token", oldValue: "hunter2", newValue: "hunter2" }],
  ["R2", { previous: "hunter2", property: "password" }],
  ["R2", { key: "db_password", values: ["hunter2"] }],
  ["R2", { fieldname: "password", value: "hunter2" }],
  ["R2", { field_name: "password", value: "hunter2" }],
  ["R2", { setting: "smtp_password", value: "hunter2" }],
  ["R2", { k: "token", value: "hunter2" }],
  ["R2", { type: "password", name: "x", value: "hunter2" }],
  ["R2", { flag: "--password", value: "hunter2" }],
  ["R2", { question: "password", answer: "hunter2" }],
  ["R2", { selector: "#password", value: "hunter2" }],
  ["R2", { op: "replace", path: "/user/password", value: "hunter2" }],
  ["R2", { value: "hunter2", op: "add", path: "/credentials/token" }],
  ["R2", { instancePath: "/user/password", schemaPath: "#", keyword: "minLength", data: "hunter2" }],
  ["R2", { keyword: "minLength", data: "hunter2", dataPath: ".password" }],
  ["R3", { Parameter: { Name: "/x", Type: "SecureString", Value: "hunter2" } }],
  ["R3", { value: "hunter2", id: "https://v.vault.azure.net/secrets/x/1", properties: {} }],
  ["R3", { kind: "Secret", metadata: { name: "x" }, data: { url: "hunter2" }, stringData: { a: "hunter2" } }],
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
  { field: "password", from: "hunter2", to: "hunter2" },
  { property: "password", before: "hunter2", after: "hunter2" },
  { kind: "E", path: ["password"], lhs: "hunter2", rhs: "hunter2" },
  { k: "password", v: "hunter2" },
  { name: "password", contents: "hunter2" },
  { instancePath: "/password", data: "hunter2" },
  { SecretString: "hunter2" },
  { kind: "Secret", data: { url: "hunter2" } },
  { name: "projects/1/secrets/db/versions/1", payload: { data: "hunter2" } },
  { id: "https://v.vault.azure.net/secrets/db/1", value: "hunter2" },
  { Plaintext: "hunter2" },
  { option: "password", argument: "hunter2" },
  { prompt: "Password:", input: "hunter2" },
  { field: { id: 7, name: "password" }, value: "hunter2" },
  { value: "hunter2", column: { key: "api_token" } },
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
  ["R2", '"password" with value "hunter2" fails to match', `"password" with value "${MASK}" fails to match`],
  ["R2", 'Invalid value "hunter2" for field "password"', `Invalid value "${MASK}" for field "password"`],
  ["R2", "Path `password` (`hunter2`) is shorter than", `Path \`password\` (\`${MASK}\`) is shorter than`],
  [
    "R2",
    'Cast to Number failed for value "hunter2" (type string) at path "pin" for model "User"',
    `Cast to Number failed for value "${MASK}" (type string) at path "pin" for model "User"`,
  ],
  [
    "R2",
    "`hunter2` is not a valid enum value for path `secret`.",
    `\`${MASK}\` is not a valid enum value for path \`secret\`.`,
  ],
  [
    "R2",
    'password must be a `number` type, but the final value was: `"hunter2"`.',
    `password must be a \`number\` type, but the final value was: \`${MASK}\`.`,
  ],
  [
    "R2",
    'failed: \\"password\\" with value \\"hunter2\\" fails to match',
    `failed: \\"password\\" with value \\"${MASK}\\" fails to match`,
  ],
  [
    "R2",
    "- name: DB_PASSWORD\n  value: hunter2\n- name: A\n",
    `- name: DB_PASSWORD\n  value: ${MASK}\n- name: A\n`,
  ],
  ["R2", '<input type="password" value="hunter2">', `<input type="password" value="${MASK}">`],
  [
    "R2",
    '<wsse:Password Type="x#PasswordText">hunter2</wsse:Password>',
    `<wsse:Password Type="x#PasswordText">${MASK}</wsse:Password>`,
  ],
  [
    "R3",
    'query failed: UPDATE users SET password = $1 -- PARAMETERS: ["hunter2",7]',
    `query failed: UPDATE users SET password = $1 -- PARAMETERS: [${MASK}]`,
  ],
  [
    "R3",
    '{"sql":"INSERT INTO u (a, token) VALUES (?, ?)","bindings":["x","hunter2"]}',
    `{"sql":"INSERT INTO u (a, token) VALUES (?, ?)","bindings":[${MASK}]}`,
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
  ["R4", "{'password': b'hunter2', 'a': 1}", `{'password': b'${MASK}', 'a': 1}`],
  ["R4", "{u'password': u'hunter2'}", `{u'password': u'${MASK}'}`],
  ["R4", "password: |\n  hunter2\n  hunter2\nuser: ada", `password: ${MASK}\nuser: ada`],
  ["R4", "  - token: >-\n      hunter2\n    user: ada", `  - token: ${MASK}\n    user: ada`],
  ["R4", "{ token: TypeError: hunter2 is none\n at f }", `{ token: ${MASK}\n at f }`],
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

test("R2: a key that only ends like a value's keeps what it holds, whatever stands beside it", () => {
  for (const value of [
    { name: "token", interval: 5000, approval: "pending" },
    { key: "password", retrieval: "by mail", renewed: "yesterday", threshold: "3" },
  ]) {
    assert.deepEqual(redactValue(value), value);
    assert.equal(redactText(JSON.stringify(value)), JSON.stringify(value));
  }
});
