import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const SECRET = /hunter2|YWRhOmh1bnRlcjI/;
const { redactText, redactValue } = createFullRedactor();

// In each of these, `hunter2` is a secret; so it is in the text of JSON that holds it.
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  "R2: a name beside a value, in other markup": [
    "<key>password</key><string>hunter2</string>",
    "<key>password</key>\n\t<string>hunter2</string>",
    "<param><name>password</name><value>hunter2</value></param>",
    "<member><name>password</name><value><string>hunter2</string></value></member>",
    "<ParameterKey>DbPassword</ParameterKey><ParameterValue>hunter2</ParameterValue>",
    '<meta name="csrf-token" content="hunter2">',
    '<setting name="password"><value>hunter2</value></setting>',
    "&lt;password&gt;hunter2&lt;/password&gt;",
  ],
  "R2: a change of a named field": [
    '{"field":"password","from":"hunter2","to":"hunter2"}',
    '{"from":"hunter2","to":"hunter2","field":"password"}',
    '{"path":["password"],"before":"hunter2","after":"hunter2"}',
    "{ kind: 'E', path: [ 'password' ], lhs: 'hunter2', rhs: 'hunter2' }",
    "password changed from 'hunter2' to 'hunter2'",
    "password: hunter2 -> hunter2",
    "password: 'a' => 'hunter2'",
    '{"label":"API key","value":"hunter2"}',
  ],
  "R2: a list of names beside a list of values": [
    '{"columns":["id","password"],"values":[1,"hunter2"]}',
    '{"columns":["id","password"],"rows":[[1,"hunter2"],[2,"hunter2"]]}',
    '{"rows":[[1,"hunter2"]],"fields":[{"name":"id"},{"name":"password"}]}',
    '{"keys":["name","password"],"_fields":["ada","hunter2"]}',
    "{ columns: [ 'id', 'password' ], rows: [ [ 1, 'hunter2' ] ] }",
    '{"meta":[{"name":"password","type":"String"}],"data":[["hunter2"]]}',
  ],
  "R2: a part of a form": [
    'Content-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b--',
    'form-data; name="user[password]"\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nhunter2\r\n',
    "password[]=hunter2&password[]=hunter2",
    "{ [Symbol(password)]: 'hunter2' }",
  ],
  "R2: a value of several lines": [
    "password:\n  hunter2",
    "tokens:\n  - hunter2\n  - hunter2",
    "secret: !vault |\n  hunter2\n  hunter2",
    "secret: &anchor hunter2",
    "password: >\n  hunter2",
    'password = """\nhunter2\n"""',
    "password = '''hunter2'''",
  ],
  "R2: what is said of a secret": [
    "Incorrect API key provided: hunter2.",
    'password "hunter2" is too short',
    "invalid password 'hunter2'",
    "Incorrect string value: 'hunter2' for column 'password' at row 1",
    "Incorrect integer value: 'hunter2' for column `db`.`users`.`pin` at row 1",
    "truncated in table 'dbo.users', column 'password'. Truncated value: 'hunter2'.",
    'localStorage.setItem("token", "hunter2")',
    "res.cookie('sid', 'hunter2')",
  ],
  "R2: a header": [
    "Cookie2: hunter2",
    "X-Hub-Signature-256: sha256=hunter2",
    "Stripe-Signature: t=1,v1=hunter2",
    "cf-access-jwt-assertion: hunter2",
    "authorization=Basic+YWRhOmh1bnRlcjI=",
  ],
  "R3: the parameters of a statement": [
    "LOG:  execute <unnamed>: UPDATE users SET password = $1 WHERE id = $2\nDETAIL:  parameters: $1 = 'hunter2', $2 = '7'",
    "DETAIL:  parameters: $1 = 'hunter2', $2 = '7'",
    "CONTEXT:  unnamed portal with parameters: $1 = 'it''s hunter2'",
    "unnamed portal parameter $1 = 'hunter2'",
    'Executing (default): UPDATE "users" SET "password"=$1 WHERE "id" = $2; "hunter2", 7',
    'Failed query: insert into "users" ("id", "password") values (default, $1)\nparams: hunter2',
    "exec sp_executesql N'UPDATE u SET password=@p1', N'@p1 nvarchar(7)', @p1=N'hunter2'",
    "[Parameters=[@p0='hunter2' (Size = 4000)], CommandType='Text'] UPDATE users SET password = @p0",
    'prisma:query UPDATE `User` SET `password` = ? WHERE `id` = ? Params: ["hunter2",7]',
    '{"query":"UPDATE users SET password = ?","params":"[\\"hunter2\\",1]"}',
  ],
  "R3: a statement": [
    "UPDATE users SET password = N'hunter2'",
    "UPDATE users SET password = E'hunter2\\'x'",
    "SELECT 1 FROM users WHERE token IN ('hunter2','hunter2')",
    "SELECT 1 FROM users WHERE token LIKE 'hunter2%'",
    "INSERT INTO users(name,password) VALUES ('a','b'),('c','hunter2')",
    "SET PASSWORD TO 'hunter2'",
    "ALTER CURRENT USER SET PASSWORD FROM 'hunter2' TO 'hunter2'",
    "CREATE USER ada IDENTIFIED BY VALUES 'hunter2'",
    "CREATE SECRET s (TYPE S3, KEY_ID 'x', SECRET 'hunter2')",
    "PRAGMA key = 'hunter2'",
    "ATTACH DATABASE 'x' AS y KEY 'hunter2'",
    "SELECT set_config('app.jwt_secret', 'hunter2', true)",
    "SELECT pgp_sym_encrypt('x', 'hunter2')",
  ],
  "R7: an address": [
    "jdbc:oracle:thin:ada/hunter2@//db:1521/x",
    "jdbc:oracle:oci:ada/hunter2@db:1521:x",
    "Driver={ODBC Driver 18 for SQL Server};Server=h;UID=a;PWD={hunter2};",
    "Endpoint=sb://x.example.com/;SharedAccessKeyName=Root;SharedAccessKey=hunter2=",
    "https://app.example.com/cb?code=hunter2x&state=1",
    "grant_type=authorization_code&code=hunter2x",
  ],
};

for (const [title, texts] of Object.entries(TEXTS)) {
  for (const text of texts) {
    test(`${title} is hidden in ${JSON.stringify(text)}`, () => {
      const redacted = redactText(text);
      assert.match(text, SECRET);
      assert.doesNotMatch(redacted, SECRET);
      assert.equal(redactText(redacted), redacted);
      assert.doesNotMatch(redactText(JSON.stringify({ msg: text })), SECRET);
    });
  }
}

test("R7: a password may hold whatever ends one elsewhere, and the host stays", () => {
  for (const [text, expected] of [
    ["postgres://app:p@ss/w?rd#x@db:5432/x", "postgres://[Redacted]@db:5432/x"],
    ["amqp://app:p@ss/word@mq", "amqp://[Redacted]@mq"],
    ["mongodb://app:p#a@s/s@h1:1,h2:2/x", "mongodb://[Redacted]@h1:1,h2:2/x"],
    ["postgres://app:pw@db/x?options=a@b", "postgres://[Redacted]@db/x?options=a@b"],
    ["https://app:pw@host/~@ada/x", "https://[Redacted]@host/~@ada/x"],
    ["git+ssh://git@host/@scope/x", "git+ssh://[Redacted]@host/@scope/x"],
  ] as const)
    assert.equal(redactText(text), expected);
});

test("R7: a connection string of Oracle keeps its host", () => {
  assert.equal(redactText("jdbc:oracle:thin:ada/hunter2@db:1521:x"), "jdbc:oracle:thin:[Redacted]@db:1521:x");
});

const VALUES: readonly object[] = [
  { columns: ["id", "password"], rows: [[1, "hunter2"]] },
  { fields: [{ name: "id" }, { name: "password" }], rows: [[1, "hunter2"]] },
  { keys: ["name", "token"], _fields: ["ada", "hunter2"], length: 2 },
  { headers: ["name", "api_key"], row: ["ada", "hunter2"] },
  { names: ["pin"], values: ["hunter2"] },
  { for: "password", value: "hunter2" },
  { prop: "password", actual: "hunter2" },
  { name: "password", default: "hunter2" },
  { argument: "password", given: "hunter2" },
  { sql: "select * from u where token = :1", bindParams: ["hunter2"] },
  { spawnargs: ["-u", "ada", "-p", "hunter2"] },
  { command: { name: "hset", args: ["user:7", "password", "hunter2"] } },
  { command: { name: "hmset", args: ["user:7", "name", "ada", "token", "hunter2"] } },
  { text: "hunter2", selector: "input[name=password]" },
  { selector: "#password", text: "hunter2" },
  { shared_key: "hunter2", recoveryKey: "hunter2", rootpw: "hunter2" },
  { db_pw: "hunter2", password_digest: "hunter2", psk: "hunter2" },
  { code_verifier: "hunter2", client_assertion: "hunter2", SAMLResponse: "hunter2" },
];

for (const value of VALUES) {
  test(`R2: redactValue() hides what a name elsewhere in the object says: ${JSON.stringify(value)}`, () => {
    assert.doesNotMatch(inspect(redactValue({ error: value }), { depth: null }), SECRET);
  });
}

const KEPT: readonly string[] = [
  "from: ada to: bob",
  '{"from":"a","to":"b","name":"pin board"}',
  "password from file /run/x",
  "token from 'cache' used",
  "changed status from 'a' to 'b'",
  "x LIKE 'y%'",
  "SELECT 1 WHERE id IN (1,2)",
  "for key 'PRIMARY'",
  "params: a,b",
  "parameters: a = 'b'",
  'id=1; "a", 7',
  "web1: up",
  "Invalid token:\n    at parse (x.js:1:2)",
  "errors:\n  password is too short",
  "session:\n  started",
  "API key provided: invalid",
  "<key>name</key><string>x</string>",
  "code=200&x=1",
  "/shop?code=PROMO123&page=2",
  "password 'required'",
  'column "password" of relation',
  "value: 'x' for column 'name'",
  "[12:30:45] x",
  "jdbc:oracle:thin:@h:1521:x",
  "token = :1",
];

test("redactText() keeps what only looks like a name beside a value", () => {
  for (const text of KEPT) assert.equal(redactText(text), text);
});

test("redactValue() keeps lists and rows whose names are no secret's", () => {
  for (const value of [
    { columns: ["id", "name"], rows: [[1, "x"]] },
    { rows: [{ a: 1 }], fields: [{ name: "password" }] },
    { fields: ["password"], message: "x", data: { a: 1 } },
    { headers: ["token"], data: "x" },
    { from: "a", to: "b", name: "move" },
    { columns: ["user", "password", "email"] },
    { select: ["user:id", "name", "email"] },
    { text: "hello", selector: "#title" },
    { text: "password is wrong", locator: "css" },
  ])
    assert.deepEqual(redactValue(value), value);
});
