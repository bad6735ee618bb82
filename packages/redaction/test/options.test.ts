import assert from "node:assert/strict";
import test from "node:test";
import { createRedactor, type RedactorOptions } from "@whodunit/redaction";
import { serialiserOf } from "@whodunit/redaction/serialiser";

const WRONG: readonly (readonly [options: unknown, message: RegExp])[] = [
  [null, /^createRedactor: options are null, want an object$/],
  [[], /options are an array of 0, want an object/],
  [{ maks: "x" }, /option "maks" is unknown, want one of action, kinds, /],
  [{ action: "hide" }, /option "action" is "hide", want "mask" or "remove" or "partial" or "pseudonym"/],
  [{ kinds: { mail: "mask" } }, /option "kinds" is "mail", want kinds out of "secret" or "email"/],
  [{ kinds: { email: true } }, /option "kinds\.email" is true, want false or "mask"/],
  [{ kinds: [] }, /option "kinds" is an array of 0, want an object/],
  [{ keys: "password" }, /option "keys" is "password", want an array of keys/],
  [{ safeKeys: ["id", 7] }, /option "safeKeys\[1\]" is 7, want a key with a letter or digit in it/],
  [{ allowKeys: ["--"] }, /option "allowKeys\[0\]" is "--", want a key/],
  [{ allowKeys: null }, /option "allowKeys" is null, want an array of keys/],
  [{ mask: 'a"b' }, /option "mask" is "a\\"b", want a text that JSON does not escape/],
  [{ mask: "" }, /option "mask" is "", want/],
  [
    { action: "pseudonym" },
    /option "pseudonymKey" has 0 characters, want at least 16 for the action "pseudonym"/,
  ],
  [{ kinds: { email: "pseudonym" }, pseudonymKey: "short" }, /option "pseudonymKey" has 5 characters/],
  [{ rules: {} }, /option "rules" is an object, want an array/],
  [
    { rules: [{ kind: "Badge", pattern: /x/ }] },
    /option "rules\[0\]\.kind" is "Badge", want lower-case words/,
  ],
  [{ rules: [{ kind: "badge", pattern: "x" }] }, /option "rules\[0\]\.pattern" is "x", want a RegExp/],
  [
    { rules: [{ kind: "badge", pattern: /x*/ }] },
    /"rules\[0\]\.pattern" is "x\*", want a pattern that needs a character/,
  ],
  [{ rules: [{ kind: "badge", pattern: /(a+)+b/ }] }, /want no quantifier inside a quantified group/],
  [
    { rules: [{ kind: "badge", pattern: /(?:x|[ab]{2,})*y/ }] },
    /want no quantifier inside a quantified group/,
  ],
  [{ rules: [{ kind: "badge", pattern: /x/, gate: "" }] }, /option "rules\[0\]\.gate" is "", want a text/],
  [
    { rules: [{ kind: "badge", pattern: /x/, validate: 1 }] },
    /option "rules\[0\]\.validate" is 1, want a function/,
  ],
  [
    { rules: [{ kind: "badge", pattern: /x/, gates: "x" }] },
    /option "rules\[0\]" is "gates", want kind, pattern/,
  ],
];

for (const [options, message] of WRONG) {
  test(`createRedactor() refuses ${JSON.stringify(options)} saying ${message}`, () => {
    assert.throws(() => createRedactor(options as RedactorOptions), { name: "TypeError", message });
  });
}

test("createRedactor() never shows a short pseudonymKey", () => {
  assert.throws(
    () => createRedactor({ pseudonymKey: "hunter2" }),
    (error: Error) => !error.message.includes("hunter2"),
  );
});

test("createRedactor() leaves its options as they are", () => {
  const pattern = /badge-\d+/g;
  pattern.lastIndex = 3;
  const options = Object.freeze({ rules: Object.freeze([Object.freeze({ kind: "badge", pattern })]) });
  const { redactText } = createRedactor(options);
  assert.equal(redactText("badge-1 badge-2"), "[Redacted] [Redacted]");
  assert.equal(pattern.lastIndex, 3);
});

test("serialiserOf() refuses a redactor that createRedactor did not make, and says so", () => {
  const redactor = createRedactor();
  assert.equal(serialiserOf(redactor).redactText("password=x"), "password=[Redacted]");
  assert.deepEqual(redactor.counts(), { secret: 1 });
  for (const foreign of [{ ...redactor }, {} as typeof redactor]) {
    assert.throws(() => serialiserOf(foreign), {
      name: "TypeError",
      message:
        /^serialiserOf: the redactor is not one that createRedactor of this copy of @whodunit\/redaction/,
    });
  }
});

test("createRedactor() gives users five methods and the mask, and nothing of a serialiser", () => {
  const { mask, ...methods } = createRedactor();
  assert.equal(mask, "[Redacted]");
  assert.deepEqual(Object.keys(methods).toSorted(), [
    "counts",
    "redactText",
    "redactUrl",
    "redactValue",
    "sensitiveKey",
  ]);
});

test("redactors without options hide the same, and each counts for itself", () => {
  const [one, other] = [createRedactor(), createRedactor({})];
  const text = "password=hunter2";
  assert.equal(one.redactText(text), other.redactText(text));
  one.redactText(text);
  assert.deepEqual([one.counts(), other.counts()], [{ secret: 2 }, { secret: 1 }]);
  const own = createRedactor({ mask: "***" });
  assert.equal(own.redactText(text), "password=***");
  assert.equal(createRedactor().redactText(text), "password=[Redacted]");
});
