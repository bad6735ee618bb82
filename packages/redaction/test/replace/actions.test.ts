import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import { createRedactor } from "@whodunit/redaction";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const KEY = "0123456789abcdef";

test('action "mask" writes the mask of the options', () => {
  const { redactText, redactValue } = createRedactor({ mask: "***" });
  assert.equal(redactText("ada@example.com"), "***");
  assert.deepEqual(redactValue({ password: "x", a: "***" }), { password: "***", a: "***" });
});

test('action "remove" drops fields and cuts text', () => {
  const { redactText, redactValue, counts } = createRedactor({ action: "remove" });
  assert.equal(redactText("mail ada@example.com now"), "mail  now");
  assert.deepEqual(redactValue({ password: "x", a: 1, list: ["token", "x"] }), { a: 1, list: ["token", ""] });
  assert.deepEqual(counts(), { email: 1, secret: 2 });
});

const PARTS: readonly (readonly [text: string, part: string])[] = [
  ["ada@example.com", "***@example.com"],
  ["4111 1111 1111 1111", "***1111"],
  ["DE89370400440532013000", "***3000"],
  ["123-45-6789", "***6789"],
  ["+49 170 1234567", "***67"],
  ["10.20.30.40", "10.20.30.0/24"],
  ["2001:db8:85a3::8a2e:370:7334", "2001:db8:85a3::/48"],
  ["::1", "0:0:0::/48"],
  ["password=hunter2", "password=[Redacted]"],
  ["Bearer 5e2f8a91c0d7", "Bearer [Redacted]"],
];

for (const [text, part] of PARTS) {
  test(`action "partial" turns ${text} into ${part}`, () => {
    assert.equal(createRedactor({ action: "partial", kinds: { ip: "partial" } }).redactText(text), part);
  });
}

test('action "partial" keeps nothing of a field that is not what its key says', () => {
  const { redactValue } = createRedactor({ action: "partial" });
  assert.deepEqual(redactValue({ email: "ada", phone: "12", card_number: { a: 1 }, iban: 12 }), {
    email: "[Redacted]",
    phone: "[Redacted]",
    card_number: "[Redacted]",
    iban: "[Redacted]",
  });
});

test('action "partial" keeps the domain of one address only', () => {
  const { redactValue, redactText } = createRedactor({ action: "partial" });
  assert.deepEqual(redactValue({ email: "ada@x.org" }), { email: "***@x.org" });
  for (const email of [
    "ada@x.org, bob@y.org",
    "ada@x.org bob",
    "Ada <ada@x.org>",
    "ada@x.org;pw",
    "ada@b@x.org",
  ]) {
    assert.deepEqual(redactValue({ email }), { email: "[Redacted]" });
    assert.equal(redactText(JSON.stringify({ email })), '{"email":"[Redacted]"}');
  }
});

test('action "pseudonym" gives the same person the same token, in text and in fields', () => {
  const { redactText, redactValue } = createRedactor({ kinds: { email: "pseudonym" }, pseudonymKey: KEY });
  const digest = createHmac("sha256", KEY).update("email:ada@example.com").digest("base64url").slice(0, 16);
  const token = `[email#${digest}]`;
  assert.equal(redactText("to Ada@Example.com"), `to ${token}`);
  assert.deepEqual(redactValue({ email: "ada@example.com" }), { email: token });
  assert.notEqual(redactText("bob@example.com"), token);
  assert.equal(redactText("password=x"), "password=[Redacted]");
});

test("redactValue() takes no field for redacted that only begins so", () => {
  const { redactValue } = createRedactor();
  for (const cookie of [
    "[Redacted]; sid=abc",
    "[Redacted]-abc",
    "***@x.org pw",
    "***ab!c",
    "[email#0123456789abcdef] a",
  ])
    assert.deepEqual(redactValue({ cookie }), { cookie: "[Redacted]" });
  for (const cookie of ["[Redacted]", "***@x.org", "***1111", "[email#0123456789abcdef]"])
    assert.deepEqual(redactValue({ cookie }), { cookie });
});

test('action "pseudonym" tells kinds and keys apart', () => {
  const tokenOf = (kind: string, pseudonymKey: string) =>
    createRedactor({ action: "pseudonym", pseudonymKey }).redactText(`${kind}=abcdefgh12`).split("#")[1];
  assert.notEqual(tokenOf("password", KEY), tokenOf("passport", KEY));
  assert.notEqual(tokenOf("password", KEY), tokenOf("password", `${KEY}x`));
});

test('action "pseudonym" forgets old values rather than grow', () => {
  const { redactText } = createRedactor({ action: "pseudonym", pseudonymKey: Buffer.from(KEY) });
  const first = redactText("u0@example.com");
  for (let i = 1; i < 10_000; i++) redactText(`u${i}@example.com`);
  assert.equal(redactText("u0@example.com"), first);
});

test("hide() gives the stand-in of a value whose kind the caller knows", () => {
  const redactor = createFullRedactor({ kinds: { email: "partial", phone: "remove", identity: false } });
  assert.equal(redactor.hide("email", "ada@example.com"), "***@example.com");
  assert.equal(redactor.hide("phone", "1"), undefined);
  assert.equal(createFullRedactor({ action: "partial" }).hide("ip", "10.0.0.7"), "10.0.0.0/24");
  assert.equal(createFullRedactor({ action: "partial" }).hide("ip", "no address"), "[Redacted]");
  for (const value of ["", "[Redacted]x", true, null, 7, { a: 1 }])
    assert.equal(redactor.hide("identity", value), "[Redacted]");
  assert.deepEqual(redactor.counts(), { email: 1, phone: 1, identity: 6 });
});

test("createRedactor() switches kinds off, and ip on", () => {
  const { redactText } = createRedactor({ kinds: { email: false, ip: "mask", secret: false } });
  assert.equal(redactText("ada@example.com password=x"), "ada@example.com password=x");
  assert.equal(
    redactText("from 10.20.30.40:8080 and [fe80::1], not 1.2.3 or 12:34:56"),
    "from [Redacted]:8080 and [[Redacted]], not 1.2.3 or 12:34:56",
  );
});

test("createRedactor() takes rules of the user's own", () => {
  const { redactText, inspect, counts } = createFullRedactor({
    kinds: { badge: "remove" },
    rules: [
      { kind: "badge", pattern: /\bB-\d{4}\b/, gate: "B-" },
      { kind: "even", pattern: /#\d+/, gate: "#", validate: (match) => Number(match.slice(1)) % 2 === 0 },
    ],
  });
  assert.equal(redactText("B-1234 #3 #4 x"), " #3 [Redacted] x");
  assert.equal(inspect("nothing here"), 0);
  assert.equal(inspect("B-x"), 2);
  assert.deepEqual(counts(), { badge: 1, even: 1 });
});

test("createRedactor() joins a rule's match with what the built-in kinds find", () => {
  const { redactText } = createRedactor({ rules: [{ kind: "person", pattern: /user \S+/ }] });
  assert.equal(redactText("user ada@example.com!"), "[Redacted]");
  assert.equal(
    createRedactor({ rules: [{ kind: "tail", pattern: /com\w+/ }] }).redactText("a@b.com_x"),
    "[Redacted]",
  );
});

test("createRedactor() runs a rule on pieces, so that a slow one ends", () => {
  const { redactText } = createRedactor({ rules: [{ kind: "slow", pattern: /a*a*a*b/ }] });
  assert.equal(redactText("c".repeat(5000)).length, 5000);
  const { redactText: find } = createRedactor({ rules: [{ kind: "badge", pattern: /B-\d{4}/ }] });
  for (const before of [4090, 4094, 4096, 7678, 7680]) {
    assert.equal(
      find(`${"x".repeat(before)}B-1234${"x".repeat(9000)}`).indexOf("B-1234"),
      -1,
      String(before),
    );
  }
});

test("createRedactor() takes a throwing validate for a yes", () => {
  const validate = () => {
    throw new Error("broken");
  };
  const { redactText } = createRedactor({ rules: [{ kind: "badge", pattern: /B-\d+/, validate }] });
  assert.equal(redactText("B-1"), "[Redacted]");
});
