import assert from "node:assert/strict";
import test from "node:test";
import { createFullRedactor } from "../helpers/full-redactor.ts";
import { leakedForms, ordinaryLines } from "../helpers/marked-texts.ts";

const { redactText, redactValue, inspect } = createFullRedactor();
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

for (const { where, text, secrets } of leakedForms()) {
  test(`R4: redactText() and redactValue() hide a secret ${where}: ${JSON.stringify(text)}`, () => {
    assert.ok(secrets.length > 0 && secrets.every((secret) => secret !== ""));
    const redacted = redactText(text);
    const ofJson = redactText(JSON.stringify({ msg: text, id: 7 }));
    const ofError = JSON.stringify(redactValue(new Error(text)));
    for (const secret of secrets) {
      assert.ok(!redacted.includes(secret), redacted);
      assert.ok(!ofJson.includes(escaped(secret)), ofJson);
      assert.ok(!ofError.includes(escaped(secret)), ofError);
    }
    assert.equal(redactText(redacted), redacted);
    assert.equal(inspect(text), 2);
  });
}

test("R8: redactText() keeps ordinary lines that have the words of secrets, as they are and in JSON", () => {
  for (const text of ordinaryLines()) {
    for (const whole of [text, JSON.stringify({ msg: text, id: 7 })]) assert.equal(redactText(whole), whole);
  }
});

test("R4: redactValue() hides the private members of a JSON web key, and the code that a token is had for", () => {
  const key = { kty: "EC", crv: "P-256", x: "MKBC", y: "4Etl", d: "870MB6gfuTJ4", key_ops: ["sign"] };
  assert.deepEqual(redactValue({ key }), { key: { ...key, d: "[Redacted]" } });
  assert.deepEqual(redactValue({ kty: "oct", k: "GawgguFyGrWKav7AX4VKUg" }), { kty: "oct", k: "[Redacted]" });
  const grant = { grant_type: "authorization_code", code: "SplxlOBeZQQYbYS6WxSbIA" };
  assert.deepEqual(redactValue(grant), { ...grant, code: "[Redacted]" });
  for (const value of [
    { code: "ENOENT", path: "/x" },
    { d: 1, p: "x", q: "y", k: "z" },
    { kty: "RSA", n: "0vx7", e: "AQAB" },
  ])
    assert.deepEqual(redactValue(value), value);
});
