import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { SEED } from "../../../../test/helpers/random.ts";
import { makeSecrets } from "../../../../test/helpers/secrets.ts";
import { makeProductionLines } from "../helpers/production-logs.ts";

const PER_FORMAT = 300;
const lines = makeProductionLines(SEED, PER_FORMAT);
const { redactText, redactValue } = createRedactor();

test(`R8: redactText() alters at most 1 in 1,000 of 20,000 ordinary production lines (seed ${SEED})`, () => {
  assert.ok(lines.length >= 20_000, String(lines.length));
  const altered = lines.filter(({ line }) => redactText(line) !== line);
  const told = altered.slice(0, 20).map(({ format, line }) => `${format}: ${redactText(line)}`);
  assert.ok(altered.length / lines.length <= 0.001, `${altered.length}: ${told.join("\n")}`);
  // What is left are random numbers with the check digit of a card.
  const wrong = altered.filter(({ line }) => !/\d{15,}/.test(line));
  assert.deepEqual(wrong, []);
});

test(`R8: redactText() finds a secret in every one of these lines that has one (seed ${SEED})`, () => {
  const secrets = makeSecrets(SEED, 60);
  for (const [i, { line, format }] of lines.entries()) {
    if (i % 7 !== 0) continue;
    const { text, needles, kind } = secrets[i % secrets.length]!;
    for (const whole of [`${line} ${text}`, `${text} ${line}`]) {
      const redacted = redactText(whole);
      for (const needle of needles) assert.ok(!redacted.includes(needle), `${format}, ${kind}: ${whole}`);
    }
  }
});

const KEPT: readonly unknown[] = [
  { PWD: "/srv/app", OLDPWD: "/", HOME: "/root" },
  { env: { PWD: "C:\\srv\\app" } },
  { sid: 1, session: 12, sessionId: "99", client_sid: 4_294_967_295 },
  { Session: "30546173_4261722401", sessionid: "0x14f05578bd80006" },
  { usage: { tokens: 1532, cookies: 3, secrets: "12" } },
  {
    nextPageToken: "CAUQAA",
    NextToken: "abc",
    page_token: "x1",
    continuationToken: "y2",
    withCredentials: "yes",
  },
];

test("R8: redactValue() keeps what a shell, a console or a count says", () => {
  for (const value of KEPT) assert.deepEqual(redactValue(value), value);
});

test("R8: redactText() keeps how many tests pass, and the cookie of a flow", () => {
  for (const text of [
    "pass=3 fail=0",
    "tests 12, pass: 11",
    "cookie=0x2b, duration=3s, table=0",
    "cookie: 0x1f",
  ])
    assert.equal(redactText(text), text);
  for (const text of ["pass=31337", "pass: 0x1f", "cookie=0xyz", "cookie: 7f3a"])
    assert.notEqual(redactText(text), text);
});

test("R9: redactText() keeps the token of the next page, in JSON and text", () => {
  for (const text of [
    '{"nextPageToken":"CAUQAA"}',
    "NextToken: abcdef",
    "page_token=abc&x=1",
    "resumeToken=82",
  ])
    assert.equal(redactText(text), text);
});

test("R8: redactValue() and redactText() hide what only resembles these", () => {
  const hidden = {
    pwd: "/hunter2",
    db_pwd: "/srv/app/x",
    session: "a81bc81b",
    sid: "s%3Aabc.def",
    token: 1532,
    tokens: "abc",
    pin: 1234,
    password: "30546173_4261722401",
    accessToken: "0x14f05578bd80006",
    pageAccessToken: "CAUQAA",
  };
  const copy = redactValue(hidden) as Record<string, unknown>;
  for (const key of Object.keys(hidden)) assert.equal(copy[key], "[Redacted]", key);
  for (const [key, value] of Object.entries(hidden)) {
    if (key === "token") continue;
    assert.equal(redactText(`a ${key}=${value} b`), `a ${key}=[Redacted] b`);
  }
  assert.equal(redactText("password:s0meth1ng"), "password:[Redacted]");
  assert.equal(redactText("a:password:hunter2"), "a:password:[Redacted]");
  assert.equal(redactText("invalid token: hunter2"), "invalid token: [Redacted]");
  assert.equal(redactText("password=Summer@2024"), "password=[Redacted]");
});

test("R7: redactText() keeps the host of a URL whose password is encoded, in text, values and JSON", () => {
  const MASK = "[Redacted]";
  const URLS: readonly (readonly [url: string, expected: string])[] = [
    ["postgres://app:p%40ss@db1.example.com:5432/x", `postgres://${MASK}@db1.example.com:5432/x`],
    ["postgres://app:p@ss@db1.example.com:5432/x", `postgres://${MASK}@db1.example.com:5432/x`],
    ["redis://:p%40ss@cache.example.com:6379/0", `redis://${MASK}@cache.example.com:6379/0`],
    ["amqp://u:p%2Fw%40x@mq.example.com/v", `amqp://${MASK}@mq.example.com/v`],
    ["smtp://ada%40example.com:pw@mail.example.com:587", `smtp://${MASK}@mail.example.com:587`],
    [
      "mongodb+srv://u:p%2540w@cluster.example.net/db?retryWrites=true",
      `mongodb+srv://${MASK}@cluster.example.net/db?retryWrites=true`,
    ],
    ["https://u:p%40w@h.example.org/p?to=ada%40example.com", `https://${MASK}@h.example.org/p?to=${MASK}`],
  ];
  const { redactUrl } = createRedactor();
  for (const [url, expected] of URLS) {
    assert.equal(redactUrl(url), expected);
    assert.equal(redactText(`cannot connect to ${url}.`), `cannot connect to ${expected}.`);
    assert.equal(redactText(JSON.stringify({ url })), JSON.stringify({ url: expected }));
    assert.deepEqual(redactValue({ url: [url] }), { url: [expected] });
  }
});
