import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { SCAN } from "@whodunit/redaction/serialiser";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const MASK = "[Redacted]";
const redactor = createFullRedactor();
const { redactText, redactValue } = redactor;

const TEXTS: readonly (readonly [code: string, text: string, expected: string])[] = [
  ["R1", "AUTH hunter2", `AUTH ${MASK}`],
  ["R1", "AUTH default hunter2", `AUTH ${MASK}`],
  ["R1", "HELLO 3 AUTH default hunter2", `HELLO 3 AUTH ${MASK}`],
  ["R1", '1764400000.1 [0 10.0.0.1:5] "auth" "hunter2"', `1764400000.1 [0 10.0.0.1:5] "auth" "${MASK}"`],
  ["R1", "CONFIG SET requirepass hunter2", `CONFIG SET requirepass ${MASK}`],
  ["R1", '"config" "set" "masterauth" "hunter2"', `"config" "set" "masterauth" "${MASK}"`],
  ["R1", "ACL SETUSER ada on >hunter2 ~* +@all", `ACL SETUSER ada on >${MASK} ~* +@all`],
  ["R1", "redis-cli -h db -a hunter2 ping", `redis-cli -h db -a ${MASK} ping`],
  ["R1", "ALTER USER ada WITH PASSWORD 'hunter2'", `ALTER USER ada WITH PASSWORD '${MASK}'`],
  ["R1", "CREATE USER 'ada'@'%' IDENTIFIED BY 'hunter2';", `CREATE USER 'ada'@'%' IDENTIFIED BY '${MASK}';`],
  ["R1", "alter user ada identified by hunter2", `alter user ada identified by ${MASK}`],
  [
    "R1",
    "CREATE USER ada IDENTIFIED WITH mysql_native_password BY 'hunter2'",
    `CREATE USER ada IDENTIFIED WITH mysql_native_password BY '${MASK}'`,
  ],
  ["R1", "SET PASSWORD FOR 'ada'@'%' = 'hunter2'", `SET PASSWORD FOR 'ada'@'%' = '${MASK}'`],
  ["R1", "SET PASSWORD FOR ada = PASSWORD('hunter2')", `SET PASSWORD FOR ada = PASSWORD('${MASK}')`],
  [
    "R1",
    "ALTER ROLE ada ENCRYPTED PASSWORD 'hunter2' LOGIN",
    `ALTER ROLE ada ENCRYPTED PASSWORD '${MASK}' LOGIN`,
  ],
  [
    "R1",
    "INSERT INTO users (name, password, age) VALUES ('ada', 'hunter2', 7)",
    `INSERT INTO users (name, password, age) VALUES ('ada', '${MASK}', 7)`,
  ],
  ["R1", "USER ada\r\nPASS hunter2\r\n", `USER ada\r\nPASS ${MASK}\r\n`],
  ["R1", "a1 LOGIN ada hunter2", `a1 LOGIN ada ${MASK}`],
  ["R1", "AUTH PLAIN AGFkYQBodW50ZXIy", `AUTH PLAIN ${MASK}`],
  ["R1", "mysql -u root -phunter2 app", `mysql -u root -p${MASK} app`],
  ["R1", "mysqldump --host=db -p'hunter2' app", `mysqldump --host=db -p${MASK} app`],
  ["R1", "sshpass -p hunter2 ssh ada@h", `sshpass -p ${MASK} ssh ada@h`],
  ["R1", "docker login -u ada -p hunter2 registry", `docker login -u ada -p ${MASK} registry`],
  ["R1", "ldapsearch -D cn=a -w hunter2 -b x", `ldapsearch -D cn=a -w ${MASK} -b x`],
  ["R1", "keytool -list -storepass hunter2", `keytool -list -storepass ${MASK}`],
  ["R1", "skopeo copy --src-creds ada:hunter2 a b", `skopeo copy --src-creds ${MASK} a b`],
  ["R1", "htpasswd -nb ada hunter2", `htpasswd -nb ada ${MASK}`],
  ["R1", '["curl","-u","ada:hunter2"]', `["curl","-u","${MASK}"]`],
  ["R1", "[ 'mysql', '-phunter2' ]", `[ 'mysql', '-p${MASK}' ]`],
  [
    "R1",
    "aws configure set aws_secret_access_key hunter2",
    `aws configure set aws_secret_access_key ${MASK}`,
  ],
  ["R1", "npm config set //r.example/:_authToken hunter2", `npm config set //r.example/:_authToken ${MASK}`],
  ["R1", "setx API_KEY hunter2 /M", `setx API_KEY ${MASK} /M`],
  ["R1", 'gh secret set DB_PASSWORD --body "correct horse"', `gh secret set DB_PASSWORD --body "${MASK}"`],
  [
    "R1",
    '["poetry","config","set","http-basic.password","hunter2"]',
    `["poetry","config","set","http-basic.password","${MASK}"]`,
  ],
  ["R1", "git config set user.password 'correct horse'", `git config set user.password '${MASK}'`],
  ["R1", '{"command":"AUTH","args":["hunter2"]}', `{"command":"AUTH","args":["${MASK}"]}`],
  ["R1", "{ name: 'AUTH', args: [ 'ada', 'hunter2' ] }", `{ name: 'AUTH', args: [ '${MASK}' ] }`],
  ["R1", "MIGRATE h 6379 k 0 1000 AUTH2 ada hunter2", `MIGRATE h 6379 k 0 1000 AUTH2 ${MASK}`],
  ["R1", "*2\r\n$4\r\nAUTH\r\n$7\r\nhunter2\r\n", `*2\r\n$4\r\nAUTH\r\n$7\r\n${MASK}\r\n`],
  ["R1", "C: PASS hunter2", `C: PASS ${MASK}`],
  ["R1", "---> PASS hunter2", `---> PASS ${MASK}`],
  ["R1", "http -a ada:hunter2 GET h", `http -a ${MASK} GET h`],
  ["R9", "curl -sSu ada:hunter2 https://h/", `curl -sSu ${MASK} https://h/`],
  ["R9", "curl --user=ada:hunter2 https://h/", `curl --user=${MASK} https://h/`],
  ["R9", '["curl","--user=ada:hunter2"]', `["curl","--user=${MASK}"]`],
  ["R9", "curl -u ada:hunter2 https://h/", `curl -u ${MASK} https://h/`],
  ["R9", "curl -s -uada:hunter2 https://h/", `curl -s -u${MASK} https://h/`],
  ["R9", 'Command failed: curl -u "ada:hunter2" x', `Command failed: curl -u "${MASK}" x`],
  ["R9", "/usr/bin/curl -x p -U ada:hunter2 h", `/usr/bin/curl -x p -U ${MASK} h`],
  ["R9", "postgres://ada:2026/x@db.example.com/y", `postgres://${MASK}@db.example.com/y`],
  ["R9", "redis://:1234;x@cache:6379", `redis://${MASK}@cache:6379`],
  ["R9", "http://u:99999/1@h/x", `http://${MASK}@h/x`],
  ["R9", "https://ada:1234&5@h.example.com/", `https://${MASK}@h.example.com/`],
];

for (const [code, text, expected] of TEXTS) {
  test(`${code}: redactText() hides the credential in ${JSON.stringify(text)}`, () => {
    assert.equal(redactText(text), expected);
    assert.equal(redactor.inspect(text), SCAN);
    assert.equal(redactText(expected), expected);
    assert.doesNotMatch(redactText(JSON.stringify({ cmd: text })), /hunter2|AGFkYQ/);
  });
}

const VALUES: readonly unknown[] = [
  { command: { name: "auth", args: ["hunter2"] } },
  { command: { name: "hello", args: ["3", "AUTH", "default", "hunter2"] } },
  { name: "config", args: ["SET", "requirepass", "hunter2"] },
  { name: "acl", args: ["SETUSER", "ada", "on", ">hunter2"] },
  { cmd: "curl", args: ["-u", "ada:hunter2"] },
  { file: "/usr/bin/sshpass", args: ["-p", "hunter2", "ssh", "h"] },
  ["AUTH", "hunter2"],
  ["HELLO", "3", "AUTH", "default", "hunter2"],
  ["CONFIG", "SET", "requirepass", "hunter2"],
  { spawnargs: ["mysql", "-u", "root", "-phunter2"] },
  ["docker", "login", "-u", "ada", "-p", "hunter2"],
  ["tool", "--password", "hunter2", "-v"],
  ["vault", "login", "hunter2"],
  ["rabbitmqctl", "add_user", "ada", "hunter2"],
  ["sh", "-c", "curl -u ada:hunter2 h"],
  { spawnfile: "curl", spawnargs: ["curl", "-sSu", "ada:hunter2"] },
  { spawnfile: "curl", spawnargs: ["curl", "--user=ada:hunter2"] },
  { command: { saslStart: 1, mechanism: "PLAIN", payload: "hunter2" } },
  { sql: "UPDATE users SET password = $1 WHERE id = $2", parameters: ["hunter2", 7] },
  { query: "INSERT INTO users (email, api_token) VALUES (?, ?)", bindings: ["x", "hunter2"] },
  { text: 'SELECT 1 FROM "s" WHERE "s"."token" = $1', values: ["hunter2"] },
  { sql: "UPDATE u SET pin = crypt(:pin, salt)", replacements: ["hunter2"] },
  { sql: "MERGE INTO u USING d ON (u.secret <> @p1)", params: ["hunter2"] },
];

for (const value of VALUES) {
  test(`R1: redactValue() hides the credential in ${JSON.stringify(value)}`, () => {
    assert.doesNotMatch(JSON.stringify(redactValue({ error: value })), /hunter2/);
  });
}

const KEPT_VALUES: readonly unknown[] = [
  { command: { name: "get", args: ["user:7"] } },
  { name: "config", args: ["GET", "maxmemory"] },
  { cmd: "curl", args: ["-s", "https://h/"] },
  ["mkdir", "-p", "/srv/app"],
  ["docker", "run", "-p", "8080:80", "web"],
  ["ssh", "-p", "22", "h"],
  ["mysql", "-p", "app"],
  ["auth", "login", "users"],
  ["tar", "-czf", "a.tgz", "src"],
  { sql: "SELECT password FROM users WHERE id = $1", parameters: [7] },
  { sql: "SELECT 1", values: ["password = ?"] },
  { query: "INSERT INTO t (a, b) VALUES (?, ?)", bindings: ["x", 7] },
];

test("R1: redactValue() hides the credential of a command in a list that begins as one without did before", () => {
  for (const first of ["deploy", "sudo", "env"]) {
    for (const list of [
      [first, "now"],
      [first, "now", "again"],
    ])
      assert.deepEqual(redactValue(list), list);
    assert.deepEqual(redactValue([first, "curl", "-u", "ada:hunter2"]), [first, "curl", "-u", MASK]);
  }
});

test("redactValue() keeps the arguments of commands that carry no credential", () => {
  for (const value of KEPT_VALUES) assert.deepEqual(redactValue(value), value);
});

const KEPT: readonly string[] = [
  "docker run -p 8080:80 -u 1000 web",
  "mkdir -p /srv/app && cp -a -u x y",
  "the AUTH command failed",
  "NOAUTH Authentication required.",
  "ERR AUTH <password> called without any password configured",
  "auth users were seen",
  "mysql -u root -p app",
  "closed by user ada",
  "PASS src/a.test.ts",
  "INSERT INTO users (name, password) VALUES (?, ?)",
  "SELECT name FROM t WHERE value = 'x'",
  "http://h:80,b https://host:8080/users/x",
];

test("redactText() keeps commands and statements without a credential", () => {
  const { redactText } = createRedactor();
  for (const text of KEPT) assert.equal(redactText(text), text);
});

test("R1: redactValue() hides what a list of arguments sets a sensitive name to", () => {
  for (const [given, expected] of [
    [["aws", "configure", "set", "aws_secret_access_key", "hunter2"], 4],
    [["setx", "API_KEY", "hunter2"], 2],
    [["npm", "config", "set", "_authToken", "hunter2", "--global"], 4],
  ] as [string[], number][])
    assert.deepEqual(redactValue(given), given.with(expected, MASK));
});

test("R1: a sentence about setting something, and a setting that is no secret, stay", () => {
  for (const text of [
    "cannot set password for user ada",
    "set refresh_token expiry",
    "reset password_reset_token",
    "npm config set registry https://r.example/",
    "UPDATE users SET api_key = $1",
    "set the api_key to something else",
    "offset token_count 17",
  ])
    assert.equal(redactText(text), text);
});
