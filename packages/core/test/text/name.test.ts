import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { isName, NAME_MAX_LENGTH, type Name, normaliseName } from "../../src/index.ts";

test("isName() accepts segments of a-z, 0-9 and _ joined by single dashes", () => {
  for (const name of ["web", "api-purchase-fail-redeem", "err_account_not_active", "v2", "_"]) {
    assert.equal(isName(name), true, name);
  }
  for (const name of ["", "-", "a-", "-a", "a--b", "Web", "a b", "a.b", "é", "a\n", "a/b"]) {
    assert.equal(isName(name), false, name);
  }
});

test("isName() accepts 128 characters and refuses 129", () => {
  assert.equal(isName("a".repeat(NAME_MAX_LENGTH)), true);
  assert.equal(isName("a".repeat(NAME_MAX_LENGTH + 1)), false);
});

test("normaliseName() turns names from outside into names", () => {
  assert.equal(normaliseName("twodegrees/monetizer"), "twodegrees_monetizer");
  assert.equal(normaliseName("myDB"), "mydb");
  assert.equal(normaliseName("--a  b--"), "a_b");
  assert.equal(normaliseName(""), "_");
});

test("normaliseName() makes a name of any text and leaves a name as it is", () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), (text) => {
      const name = normaliseName(text);
      assert.equal(isName(name), true);
      assert.equal(normaliseName(name), name);
    }),
  );
});

test("Name<> refuses bad text at compile time and lets unknown text pass", () => {
  const take = <const Text extends string>(name: Name<Text> & Text): string => name;
  take("api-purchase-fail-redeem");
  take("web" as string);
  take(`api-${"x" as string}`);
  // @ts-expect-error a space and capitals are not of the grammar
  take("Bad Name");
  // @ts-expect-error no empty segment
  take("api--x");
  // @ts-expect-error no dash at the end
  take("api-");
});
