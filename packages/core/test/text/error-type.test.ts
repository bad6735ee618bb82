import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { errorCode, errorType } from "../../src/index.ts";

test("errorType() is the class where the name is inherited from one of the language's own", () => {
  class RedeemError extends Error {}
  class RangeOfDates extends RangeError {}
  class Several extends AggregateError {}
  class Deep extends RedeemError {}
  assert.equal(errorType(new RedeemError("x")), "RedeemError");
  assert.equal(errorType(new RangeOfDates()), "RangeOfDates");
  assert.equal(errorType(new Several([])), "Several");
  assert.equal(errorType(new Deep()), "Deep");
  assert.equal(errorType(new TypeError()), "TypeError");
  assert.equal(errorType(new Error("x")), "Error");
  assert.equal(errorType(runInNewContext("class Far extends Error {}; new Far()")), "Far");
});

test("errorType() is the name that somebody gave, on the error or in its class", () => {
  class Named extends Error {
    override name = "ValidationError";
  }
  class Below extends Named {}
  class ByPrototype extends Error {}
  ByPrototype.prototype.name = "Renamed";
  assert.equal(errorType(new Named()), "ValidationError");
  assert.equal(errorType(new Below()), "ValidationError");
  assert.equal(errorType(new ByPrototype()), "Renamed");
  assert.equal(errorType(Object.assign(new Error("x"), { name: "TypeError" })), "TypeError");
  assert.equal(errorType({ name: "SdkError" }), "SdkError");
  assert.equal(errorType(new DOMException("x", "AbortError")), "AbortError");
});

test("errorType() of what is no error is its class or its typeof", () => {
  assert.deepEqual(
    ["x", 1, undefined, null, Symbol("s"), () => 1, {}, [], Object.create(null)].map(errorType),
    ["string", "number", "undefined", "object", "symbol", "function", "Object", "Array", "Error"],
  );
});

test("errorType() and errorCode() never throw and are bounded, whatever getters, proxies and lengths", () => {
  const throwing = new Proxy(new Error("x"), {
    get() {
      throw new Error("no");
    },
  });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const getter = Object.defineProperty(new Error("x"), "name", {
    get() {
      throw new Error("no");
    },
  });
  for (const error of [throwing, proxy, getter]) assert.equal(errorType(error), "Error");
  for (const error of [throwing, proxy]) assert.equal(errorCode(error), undefined);
  // Left out whole: the first half of a secret may pass for none.
  assert.equal(errorType(Object.assign(new RangeError(), { name: "x".repeat(129) })), "RangeError");
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withDate: true, withMap: true }), (error) => {
      assert.ok(errorType(error).length <= 128);
      assert.ok((errorCode(error)?.length ?? 0) <= 64);
    }),
  );
});

test("errorCode() is a code in text, and nothing else", () => {
  for (const code of ["ECONNREFUSED", "ERR_INVALID_URL", "23505", "ER_DUP_ENTRY"]) {
    assert.equal(errorCode(Object.assign(new Error("x"), { code })), code);
  }
  for (const code of [20, undefined, {}, "", "two words", "x".repeat(65), "a\nb"]) {
    assert.equal(errorCode(Object.assign(new Error("x"), { code })), undefined);
  }
  assert.equal(errorCode("ECONNREFUSED"), undefined);
});
