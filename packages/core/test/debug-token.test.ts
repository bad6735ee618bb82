import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createDebugToken, verifyDebugToken } from "../src/index.ts";

const SECRET = "a secret of some length";

test("verifyDebugToken() accepts a token until it expires", () => {
  const token = createDebugToken(SECRET, { ttlMs: 60_000 });
  assert.match(token, /^[\w.-]+$/, "fits a header and a baggage value unescaped");
  assert.equal(verifyDebugToken(SECRET, token), true);
  assert.equal(verifyDebugToken(SECRET, token, Date.now() + 59_000), true);
  assert.equal(verifyDebugToken(SECRET, token, Date.now() + 61_000), false);
});

test("verifyDebugToken() refuses another secret, a changed expiry and a changed signature", () => {
  const token = createDebugToken(SECRET);
  assert.equal(verifyDebugToken("another secret of length", token), false);
  const [expiry = "", nonce = "", signature = ""] = token.split(".");
  const later = (Number.parseInt(expiry, 36) + 1_000_000).toString(36);
  assert.equal(verifyDebugToken(SECRET, `${later}.${nonce}.${signature}`), false);
  const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  assert.equal(verifyDebugToken(SECRET, `${expiry}.${nonce}.${flipped}`), false);
});

test("verifyDebugToken() is false for any text and never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => verifyDebugToken(SECRET, text) === false));
  const token = createDebugToken(SECRET);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      const changed = token.slice(0, at) + character + token.slice(at + 1);
      return changed === token || !verifyDebugToken(SECRET, changed);
    }),
  );
});

test("verifyDebugToken() takes one spelling of a signature, of the four that decode to the same bytes", () => {
  const token = createDebugToken(SECRET);
  const bytes = Buffer.from(token.slice(-43), "base64url");
  const spellings = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    .map((last) => token.slice(0, -1) + last)
    .filter((spelled) => Buffer.from(spelled.slice(-43), "base64url").equals(bytes));
  assert.equal(spellings.length, 4);
  assert.deepEqual(
    spellings.filter((spelled) => verifyDebugToken(SECRET, spelled)),
    [token],
  );
});

test("createDebugToken() refuses a short secret, without showing it, and a lifetime out of range", () => {
  assert.throws(
    () => createDebugToken("hunter2"),
    (error: Error) => {
      assert.match(error.message, /option "secret" .* want at least 16 characters/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );
  assert.throws(() => createDebugToken(SECRET, { ttlMs: 999 }), /"ttlMs" is 999/);
  assert.throws(() => createDebugToken(SECRET, { ttlMs: 86_400_001 }), /"ttlMs"/);
});
