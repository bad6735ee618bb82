import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import {
  type BaggageLike,
  createDebugToken,
  DEBUG_BAGGAGE_KEY,
  DEBUG_HEADER,
  DebugTokens,
  verifyDebugToken,
  withDebugEntry,
} from "../../src/index.ts";

const SECRET = "a secret of some length";

test("verifyDebugToken() accepts a token until it expires", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
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
  fc.assert(fc.property(anyText(), (text) => verifyDebugToken(SECRET, text) === false));
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

const requestWith = (token?: string): IncomingMessage =>
  ({ headers: token === undefined ? {} : { [DEBUG_HEADER]: token } }) as unknown as IncomingMessage;

/** Baggage with one entry, as OpenTelemetry's: a change gives another object. */
const baggageWith = (token: string): BaggageLike => ({
  getEntry: (key) => (key === DEBUG_BAGGAGE_KEY ? { value: token } : undefined),
  setEntry: (_key, entry) => baggageWith(entry.value),
});

/** A second of its own: the limit is one for the process. */
function nextSecond(t: TestContext): void {
  const now = performance.now() + 10_000 * ++seconds;
  t.mock.method(performance, "now", () => now);
}
let seconds = 0;

test("L8: DebugTokens refuses a secret that is too short, without showing it, and is none without a secret", () => {
  assert.throws(
    () => DebugTokens.fromEnvironment("startTracing", { WHODUNIT_DEBUG_SECRET: "short" }),
    /^TypeError: startTracing: option "WHODUNIT_DEBUG_SECRET" is "\(withheld\)", want at least 16 characters$/,
  );
  assert.equal(DebugTokens.fromEnvironment("x", {}), undefined);
  assert.equal(DebugTokens.fromEnvironment("x", { WHODUNIT_DEBUG_SECRET: "" }), undefined);
});

test("DebugTokens takes a good token of the header or the baggage, past a bad one in the other", (t) => {
  nextSecond(t);
  const tokens = new DebugTokens("x", SECRET);
  const good = createDebugToken(SECRET);
  const bad = createDebugToken("another secret of length");
  assert.equal(tokens.tokenOf(requestWith(good), undefined), good);
  assert.equal(tokens.tokenOf(requestWith(), baggageWith(good)), good);
  assert.equal(tokens.tokenOf(requestWith(bad), baggageWith(good)), good);
  assert.equal(tokens.tokenOf(requestWith(good), baggageWith(bad)), good);
  assert.equal(tokens.tokenOf(requestWith(bad), baggageWith(bad)), undefined);
  assert.equal(tokens.tokenOf(requestWith(), undefined), undefined);
  assert.equal(tokens.accepts(baggageWith(good)), true);
  assert.equal(tokens.accepts(baggageWith(bad)), false);
  assert.equal(tokens.accepts(undefined), false);
});

test("L6: of 300 replays ten requests a second are debugged, each by whoever asks and however often", (t) => {
  nextSecond(t);
  const log = new DebugTokens("createLogger", SECRET);
  const spans = new DebugTokens("startTracing", SECRET);
  const token = createDebugToken(SECRET);
  const requests = Array.from({ length: 300 }, () => requestWith(token));
  const logged = requests.filter((request) => log.tokenOf(request, undefined) !== undefined);
  const traced = requests.filter((request) => spans.tokenOf(request, undefined) !== undefined);
  assert.equal(logged.length, 10);
  assert.deepEqual(traced, logged);
  assert.equal(log.accepts(baggageWith(token)), false);
});

test("L6: messages are counted with the requests, one by one, and a bad token costs nobody a place", (t) => {
  nextSecond(t);
  const tokens = new DebugTokens("x", SECRET);
  const token = createDebugToken(SECRET);
  for (let index = 0; index < 50; index++)
    assert.equal(tokens.tokenOf(requestWith("forged"), undefined), undefined);
  const messages = Array.from({ length: 12 }, () => baggageWith(token));
  assert.equal(messages.filter((message) => tokens.accepts(message)).length, 10);
  assert.equal(messages.filter((message) => tokens.accepts(message)).length, 10);
});

test("L6: the baggage that came with a request, and the one that goes on, share the request's place", (t) => {
  nextSecond(t);
  const tokens = new DebugTokens("x", SECRET);
  const token = createDebugToken(SECRET);
  const came = Array.from({ length: 15 }, () => baggageWith(token));
  const went = came.map((baggage) => {
    const good = tokens.tokenOf(requestWith(token), baggage);
    return good === undefined ? undefined : withDebugEntry(withDebugEntry(baggageWith("old"), good), good);
  });
  assert.equal(went.filter((baggage) => baggage !== undefined).length, 10);
  assert.deepEqual(
    came.map((baggage) => tokens.accepts(baggage)),
    went.map((baggage) => baggage !== undefined),
  );
  assert.equal(went.filter((baggage) => tokens.accepts(baggage)).length, 10);
});

test("DebugTokens forgets a good verdict when the token expires", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  nextSecond(t);
  const tokens = new DebugTokens("x", SECRET);
  const token = createDebugToken(SECRET, { ttlMs: 1_000 });
  assert.equal(tokens.tokenOf(requestWith(token), undefined), token);
  t.mock.timers.setTime(1_800_000_001_000);
  assert.equal(tokens.tokenOf(requestWith(token), undefined), undefined);
});

test("withDebugEntry() puts the token into the baggage", () => {
  assert.equal(withDebugEntry(baggageWith("old"), "new").getEntry(DEBUG_BAGGAGE_KEY)?.value, "new");
});
