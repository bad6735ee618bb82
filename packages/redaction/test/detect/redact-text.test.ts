import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { CLEAN, SCAN } from "@whodunit/redaction/serialiser";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const REDACTED: readonly (readonly [what: string, text: string, expected: string])[] = [
  ["an e-mail address", "mail to ada.b+x@example.co.uk now", "mail to [Redacted] now"],
  ["a percent-encoded e-mail address", "?q=ada%40example.com", "?q=[Redacted]"],
  ["an e-mail address at the end of a sentence", "Sent to ada@example.com.", "Sent to [Redacted]."],
  ["a card number", "paid by 4111111111111111.", "paid by [Redacted]."],
  ["a card number in groups", "card 4111 1111 1111 1111, ok", "card [Redacted], ok"],
  ["an Amex number in its groups", "3782-822463-10005", "[Redacted]"],
  ["a card number behind other numbers", "2026 4111 1111 1111 1111 12/28", "2026 [Redacted] 12/28"],
  ["an IBAN", "to DE89370400440532013000!", "to [Redacted]!"],
  ["an IBAN in groups", "DE89 3704 0044 0532 0130 00 today", "[Redacted] today"],
  ["a JWT", "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_DEF end", "jwt [Redacted] end"],
  ["a JWT behind an underscore", "x_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "x_[Redacted]"],
  ["a JWT that was cut off in its header", "jwt=x eyJhbGciOiJIUzI1NiIsInR5cCI6", "jwt=[Redacted] [Redacted]"],
  ["a JWT that was cut off in its payload", "eyJhbGciOiJIUzI1NiJ9.abc", "[Redacted]"],
  ["a JWT that was cut off", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx", "[Redacted]"],
  ["a bearer token", "sent Bearer 5e2f8a91c0d7", "sent Bearer [Redacted]"],
  ["basic credentials", "basic dXNlcjpwYXNz", "basic [Redacted]"],
  ["digest credentials", 'Digest username="ada", response="6629fae49393a053"', "Digest [Redacted]"],
  ["an AWS key id", "id=AKIAIOSFODNN7EXAMPLE", "id=[Redacted]"],
  ["a GitHub token", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[Redacted]"],
  [
    "a private key",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest",
    "[Redacted]\nrest",
  ],
  ["a private key that was cut off", "-----BEGIN PRIVATE KEY-----\nMIIE", "[Redacted]"],
  [
    "userinfo and query secrets",
    "https://u:p@host/x?token=abc&y=1",
    "https://[Redacted]@host/x?token=[Redacted]&y=1",
  ],
  [
    "userinfo with @ and / in the password",
    "postgres://u:pa/s@s@db:5432/x",
    "postgres://[Redacted]@db:5432/x",
  ],
  [
    "userinfo with separators in the password",
    "db postgres://ada:p&w,;'(){}x@db/x",
    "db postgres://[Redacted]@db/x",
  ],
  ["userinfo in a list", "[http://h:80,http://u:p(w@h2,z]", "[http://h:80,http://[Redacted]@h2,z]"],
  ["a token in the fragment", "https://host/#access_token=zz", "https://host/#access_token=[Redacted]"],
  ["key=value", "login password=hunter2 failed", "login password=[Redacted] failed"],
  [
    "the values of keys in one word",
    "dbpassword=x PGPASSWORD=y",
    "dbpassword=[Redacted] PGPASSWORD=[Redacted]",
  ],
  ["the values of old and new", "password_old: x db_pass: y", "password_old: [Redacted] db_pass: [Redacted]"],
  ["key: value", "password: hunter2, user: ada", "password: [Redacted], user: ada"],
  [
    "a value behind its encoding",
    "password={noop}hunter2 userPassword: {SSHA}DkMT+a/3=",
    "password=[Redacted] userPassword: [Redacted]",
  ],
  [
    "a structure in front of others",
    "{a:{pin:[1]},pin:{b:1},c:1}",
    "{a:{pin:[Redacted]},pin:[Redacted],c:1}",
  ],
  ["a column of keys", "Password          : hunter2", "Password          : [Redacted]"],
  ["a column of values", "password:          hunter2", "password:          [Redacted]"],
  [
    "blanks on both sides",
    "password  = hunter2\ttoken\t\t=\tabc",
    "password  = [Redacted]\ttoken\t\t=\t[Redacted]",
  ],
  ["JSON in columns", `{"password"  : "hunter2"}`, `{"password"  : "[Redacted]"}`],
  ["a flag", "mysql --user ada --password hunter2 -h db", "mysql --user ada --password [Redacted] -h db"],
  ["a flag's value in quotes", "mysql --password 'hun ter2' -h db", "mysql --password '[Redacted]' -h db"],
  ["a flag's value in a command in JSON", '"--token \\"a b\\" -v"', '"--token \\"[Redacted]\\" -v"'],
  ["a flag's value with separators in it", "--password hun,ter&2(x)y -h db", "--password [Redacted] -h db"],
  [
    "a value with separators in it",
    "login(password=a,b(c&d;e, user=ada)",
    "login(password=[Redacted], user=ada)",
  ],
  [
    "a value in front of others",
    "password=a,user=b;token=c&x=1",
    "password=[Redacted],user=b;token=[Redacted]&x=1",
  ],
  ["a form field", "user[password]=x&user[name]=y", "user[password]=[Redacted]&user[name]=y"],
  ["an encoded form field", "user%5Bpassword%5D=x&a=b", "user%5Bpassword%5D=[Redacted]&a=b"],
  ["an encoded query", "next=%2Fcb%3Ftoken%3Dabc%26x%3D1", "next=%2Fcb%3Ftoken%3D[Redacted]%26x%3D1"],
  ["header lines", "Cookie: a=b; c=d\nHost: x", "Cookie: [Redacted]\nHost: x"],
  ["JSON", '{"password":"hun\\"ter2","a":1}', '{"password":"[Redacted]","a":1}'],
  ["a JSON number", '{"pin":1234,"a":1}', '{"pin":"[Redacted]","a":1}'],
  ["a JSON structure", '{"credentials":{"a":"b}","c":[1]},"z":2}', '{"credentials":"[Redacted]","z":2}'],
  [
    "JSON in JSON",
    '{\\"password\\":\\"x\\\\\\"y\\",\\"b\\":1}',
    '{\\"password\\":\\"[Redacted]\\",\\"b\\":1}',
  ],
  ["JSON that was cut off", '{"password":"hunter', '{"password":"[Redacted]'],
  ["a printed object", "{ apiKey: 'sss', b: 1 }", "{ apiKey: '[Redacted]', b: 1 }"],
  [
    "printed raw headers",
    `[ 'X-Api-Key', 'a', "cookie",\n    "b" ]`,
    `[ 'X-Api-Key', '[Redacted]', "cookie",\n    "[Redacted]" ]`,
  ],
  ["raw headers in JSON in JSON", '[\\"Set-Cookie\\",\\"a=b\\"]', '[\\"Set-Cookie\\",\\"[Redacted]\\"]'],
  [
    "the value of a name in JSON",
    '[{"name":"x-api-key","value":"a"},{"key":"password", "value": 12},{"name":"set-cookie","path":"/"}]',
    '[{"name":"x-api-key","value":"[Redacted]"},{"key":"password", "value": "[Redacted]"},{"name":"set-cookie","path":"/"}]',
  ],
  [
    "the value of a name that does not stand next to it",
    '{"name":"x-api-key","path":"/","in":"header","value":"x"}',
    '{"name":"x-api-key","path":"/","in":"header","value":"[Redacted]"}',
  ],
  [
    "the value of a name in JSON in JSON",
    JSON.stringify(JSON.stringify({ name: "token", value: 'a"b' }, null, 2)),
    JSON.stringify(JSON.stringify({ name: "token", value: "[Redacted]" }, null, 2)),
  ],
  [
    "the value of a name in a printed object",
    "{ name: 'X-Api-Key', value: 'a' } { name: 'token',\n  value: 12 }",
    "{ name: 'X-Api-Key', value: '[Redacted]' } { name: 'token',\n  value: [Redacted] }",
  ],
  ["a hash rocket", "'api_key' => 'sss', b", "'api_key' => '[Redacted]', b"],
  [
    "what operators stand in front of",
    "token := a, token != b, token->c",
    "token := [Redacted], token != [Redacted], token->[Redacted]",
  ],
  ["a printed structure", "{ secrets: { a: 'b}' }, n: [1] }", "{ secrets: [Redacted], n: [1] }"],
  ["an XML element with a prefix", "<ns:token>abc</ns:token>", "<ns:token>[Redacted]</ns:token>"],
  ["an XML element", "<password>hunter2</password>", "<password>[Redacted]</password>"],
  [
    "an XML element with a CDATA section",
    "<a><password><![CDATA[h<u>n]]></password></a>",
    "<a><password>[Redacted]</password></a>",
  ],
  ["a phone number", "call +49 170 1234567 today", "call [Redacted] today"],
  ["an SSN", "ssn 123-45-6789.", "ssn [Redacted]."],
  ["two secrets that touch", "token: Bearer abcdefgh zz", "token: [Redacted] [Redacted] zz"],
];

for (const [what, text, expected] of REDACTED) {
  test(`redactText() removes ${what}`, () => {
    const redactor = createFullRedactor();
    assert.equal(redactor.redactText(text), expected);
    assert.equal(redactor.inspect(text), SCAN);
    assert.equal(redactor.redactText(expected), expected, "redacting twice changes nothing");
  });
}

// Each begins a line, so nothing but the letter of an escape stands in front of it.
const LINES: readonly (readonly [line: string, expected: string])[] = [
  ["ada@example.com", "[Redacted]"],
  ["4111111111111111", "[Redacted]"],
  ["123-45-6789", "[Redacted]"],
  ["DE89370400440532013000", "[Redacted]"],
  ["+491701234567", "[Redacted]"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij", "[Redacted]"],
  ["AKIAIOSFODNN7EXAMPLE", "[Redacted]"],
  ["ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[Redacted]"],
  ["sk_live_abcdefghijkl1", "[Redacted]"],
  ["Bearer 5e2f8a91c0d7", "Bearer [Redacted]"],
  ["password=hunter2", "password=[Redacted]"],
  ["password: hunter2", "password: [Redacted]"],
  ["api_key=abc123", "api_key=[Redacted]"],
  ["session: abc123", "session: [Redacted]"],
  ["--password hunter2", "--password [Redacted]"],
  ["10.20.30.40", "[Redacted]"],
  ["fe80::1", "[Redacted]"],
];
const BEFORE: readonly (readonly [name: string, write: (line: string) => string])[] = [
  ["a line break in JSON", (line) => JSON.stringify({ body: `x\n${line}` })],
  ["a tab in JSON", (line) => JSON.stringify({ body: `x\t${line}` })],
  ["a carriage return in JSON in JSON", (line) => JSON.stringify(JSON.stringify({ body: `x\r${line}` }))],
  ["a colour", (line) => `\x1b[32m${line}\x1b[39m`],
  ["a bold colour in JSON", (line) => JSON.stringify(`\x1b[1;32m${line}`)],
  ["a printed colour", (line) => `'\\x1b[32m${line}'`],
];

for (const [name, write] of BEFORE) {
  test(`redactText() finds what stands behind ${name}`, () => {
    const { redactText, inspect } = createFullRedactor({ kinds: { ip: "mask" } });
    for (const [line, expected] of LINES) {
      assert.equal(redactText(write(line)), write(expected));
      assert.equal(inspect(write(line)), SCAN, line);
    }
  });
}

test("redactText() takes the name behind a backslash for a word, too", () => {
  const { redactText } = createRedactor();
  assert.equal(redactText("dir\\token=abc"), "dir\\token=[Redacted]");
  assert.equal(redactText("dir\\token 5e2f8a91c0d7"), "dir\\token [Redacted]");
});

const KEPT: readonly string[] = [
  "",
  "hello world",
  "Basic authentication failed",
  "Bearer authentication required",
  "password: must be long",
  "Invalid token: unexpected",
  "author: bob keyboard: x tokenCount=5 passport_office=1 shipping_id=7",
  "https://unpkg.com/pkg@1.2.3/index.js",
  "https://host:8080/@ada",
  "http://a:80/x&b@c {from:http://a,to:b@c} (http://a:80)b@c http://[::1]:80/b@c",
  '{"a":"http://h:x","b":"c@d","url":"http://h/x,y:z@c"}',
  "left-pad@1.3.0.tgz icon@2x.png git@github.com:a/b.git",
  "2026-11-20T08:47:41.960+02:00 2026-11-20 08:47:41",
  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "5e2f8a91-4111-1111-1111-111111111111",
  "4111111111111112",
  "0.4111111111111111",
  "DE88370400440532013000",
  "000-12-3456 and 666-12-3456 and 900-12-3456",
  "-----BEGIN CERTIFICATE-----",
  "eyJ eyJhbGci.x eyJhbGciOiJIUzI1NiJ9 or so",
  "10.0.0.1 and ::1",
  "max_tokens=512",
  '["email","password","name"]',
  "digest sha256:9f86d081884c7d659a2feaa0c55ad015 Digest sha256:9f86d081884c7d65",
  "content digest d41d8cd98f00b204e9800998ecf8427e ok",
  "the flag --token is required",
];

for (const text of KEPT) {
  test(`redactText() keeps ${JSON.stringify(text)}`, () => {
    assert.equal(createRedactor().redactText(text), text);
    assert.notEqual(createFullRedactor().inspect(text), SCAN);
  });
}

test("inspect() says what a serialiser has to do", () => {
  const { inspect } = createFullRedactor();
  assert.equal(inspect("GET /users/:id"), CLEAN);
  for (const text of ['say "hi"', "back\\slash", "line\nbreak", "\ud800", "\x00"])
    assert.equal(inspect(text), 1, text);
  assert.equal(inspect("Zoë — ✓"), CLEAN);
});

test("redactText() leaves nothing of a secret that straddles the cut", () => {
  const { redactText } = createRedactor();
  const secret = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijkl";
  for (let before = 80; before < 110; before++) {
    const text = redactText(`${"x ".repeat(before / 2)} ${secret} ${"y".repeat(10_000)}`, 100);
    assert.ok(text.length <= 100);
    assert.ok(!text.includes("eyJ"), text);
  }
});

test("redactText() and redactValue() cut at nothing or less to nothing", () => {
  const { redactText, redactValue } = createRedactor();
  for (const length of [0, -1, -5, Number.NEGATIVE_INFINITY, Number.NaN]) {
    assert.equal(redactText("password=hunter2 abc", length), "");
    assert.equal(redactText("nothing here", length), "");
    assert.deepEqual(redactValue(["password=hunter2 abc"], { length }), [""]);
  }
  assert.deepEqual(redactValue({ pin: 7 }, null as never), { pin: "[Redacted]" });
});

test("redactUrl() decodes the names and values of parameters", () => {
  const { redactUrl } = createRedactor();
  assert.equal(redactUrl("https://h/x?pass%77ord=abc&a=1"), "https://h/x?pass%77ord=[Redacted]&a=1");
  assert.equal(
    redactUrl("/x?q=mail+ada%2540%40&to=ada%40example.com"),
    "/x?q=mail+ada%2540%40&to=[Redacted]",
  );
  assert.equal(redactUrl("/x?bad=%E0%A4%A"), "/x?bad=%E0%A4%A");
  assert.equal(redactUrl("http://a:b@h/"), "http://[Redacted]@h/");
});

test("redactText() takes long runs of one character in its stride", () => {
  const { redactText } = createRedactor();
  const basic = `Basic ${Buffer.from(`${":".repeat(300_000)}\0`).toString("base64")}`;
  for (const text of ["\\".repeat(500_000), "%".repeat(500_000), "%41".repeat(200_000), basic]) {
    assert.equal(redactText(text), text);
  }
});

test("counts() counts by kind, without the values", () => {
  const redactor = createRedactor();
  redactor.redactText("ada@example.com bob@example.com password=x");
  redactor.redactValue({ token: "a", nested: { password: ["b"] } });
  assert.deepEqual(redactor.counts(), { email: 2, secret: 3 });
});
