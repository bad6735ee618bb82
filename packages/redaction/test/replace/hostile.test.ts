import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { SEED } from "../../../../test/helpers/random.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { makeSecrets } from "../../../../test/helpers/secrets.ts";
import { createFullRedactor } from "../helpers/full-redactor.ts";
import { hostileValue } from "../helpers/hostile.ts";

const redactor = createFullRedactor();
const secrets = makeSecrets(SEED, 20);

test("redactValue() never throws and gives plain data, for 10,000 hostile objects", () => {
  fc.assert(
    fc.property(hostileValue(), (make) => {
      assertPlain(redactor.redactValue(make()));
    }),
    { numRuns: runs(10_000), seed: SEED },
  );
});

test("redactText(), redactUrl() and sensitiveKey() never throw, whatever they get", () => {
  fc.assert(
    fc.property(hostileValue(), (make) => {
      const value = make() as string;
      assert.equal(typeof redactor.redactText(value), "string");
      assert.equal(typeof redactor.redactUrl(value), "string");
      assert.equal(typeof redactor.sensitiveKey(value), "boolean");
      redactor.standIn("password", value);
    }),
    { numRuns: runs(1000), seed: SEED },
  );
});

test("redactValue() never changes what it is given", () => {
  const plain = fc.object({
    withMap: true,
    withSet: true,
    withDate: true,
    withNullPrototype: true,
    maxDepth: 4,
  });
  fc.assert(
    fc.property(plain, fc.constantFrom(...secrets), (value, secret) => {
      const given = {
        value,
        [secret.field[0]]: secret.field[1],
        list: [secret.text, { token: [secret.text] }],
      };
      const before = snapshot(given);
      redactor.redactValue(given);
      assert.equal(snapshot(given), before);
      // A write would throw, and be told in the copy.
      assert.ok(!snapshot(redactor.redactValue(deepFreeze(given))).includes("[Throws"));
    }),
    { numRuns: runs(2000), seed: SEED },
  );
});

test("redactValue() finds a secret planted anywhere in an arbitrary object", () => {
  const benign = fc.object({
    key: fc.stringMatching(/^[a-z]{1,6}$/),
    maxDepth: 5,
    values: [fc.integer(), fc.boolean()],
  });
  fc.assert(
    fc.property(
      benign,
      fc.constantFrom(...secrets),
      fc.array(fc.nat(50), { maxLength: 8 }),
      (value, secret, path) => {
        const output = JSON.stringify(redactor.redactValue(plant(value, secret.field, path)));
        for (const needle of secret.needles) assert.ok(!output.includes(needle), `${secret.kind}: ${output}`);
      },
    ),
    { numRuns: runs(5000), seed: SEED },
  );
});

test("redactText() finds a secret planted anywhere in arbitrary text", () => {
  // A letter or digit that touches a secret may make another word of it.
  const text = fc.string({ maxLength: 60 });
  fc.assert(
    fc.property(text, text, fc.constantFrom(...secrets), (before, after, secret) => {
      const output = redactor.redactText(`${before.replace(/["'`\\[\]{}<>]/g, "")} ${secret.text} ${after}`);
      for (const needle of secret.needles) assert.ok(!output.includes(needle), `${secret.kind}: ${output}`);
    }),
    { numRuns: runs(10_000), seed: SEED },
  );
});

test("redactText() takes all of a secret behind a key that says so, blanks and line breaks included", () => {
  for (const key of ["PW:", "password=", "password: ", "secret: ", "private_key: ", "pin => "]) {
    for (const { kind, text, needles } of makeSecrets(SEED, 2)) {
      for (const behind of ["", " and more", "\n"]) {
        const output = redactor.redactText(key + text + behind);
        for (const needle of needles) assert.ok(!output.includes(needle), `${kind} behind ${key}: ${output}`);
      }
    }
  }
});

test("inspect() calls no text clean that redactText() changes", () => {
  const parts = fc.array(
    fc.oneof(
      anyText({ maxLength: 8 }),
      fc.constantFrom(...secrets).map(({ text }) => text),
      fc.constantFrom('"', "\\", "%", "=", ":", "@", "password", "Bearer ", "eyJ", "+", "4111", "://", "\n"),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(parts, (list) => {
      const text = list.join("");
      if (redactor.redactText(text) !== text) assert.equal(redactor.inspect(text), 2, text);
      else if (redactor.inspect(text) === 0) assert.equal(JSON.stringify(text), `"${text}"`);
    }),
    { numRuns: runs(10_000), seed: SEED },
  );
});

for (const action of ["mask", "partial", "pseudonym"] as const) {
  test(`redactText() changes nothing the second time, with action "${action}"`, () => {
    const pseudonymKey = "0123456789abcdef";
    const { redactText, redactValue } = createFullRedactor({ action, pseudonymKey, kinds: { ip: action } });
    const part = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.ipV4(),
      fc.constantFrom(...secrets).map(({ text }) => text),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 5 }),
        fc.constantFrom(...secrets),
        (list, { field: [key, value] }) => {
          const once = redactText(list.join(" "));
          assert.equal(redactText(once), once);
          const field = redactValue({ [key]: value });
          assert.deepEqual(redactValue(field), field);
        },
      ),
      { numRuns: runs(3000), seed: SEED },
    );
  });
}

function assertPlain(value: unknown): void {
  if (typeof value !== "object" || value === null) {
    assert.ok(["string", "number", "bigint", "boolean", "undefined", "object"].includes(typeof value));
    return;
  }
  const prototype = Object.getPrototypeOf(value);
  assert.ok(prototype === Object.prototype || prototype === Array.prototype);
  for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(value))) {
    assert.ok("value" in descriptor);
    assertPlain(descriptor.value);
  }
}

const snapshot = (value: unknown): string =>
  inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null, showHidden: true });

function plant(value: unknown, [key, item]: readonly [string, string], path: readonly number[]): unknown {
  const [step, ...rest] = path;
  if (typeof value !== "object" || value === null) return { [key]: item };
  const keys = Object.keys(value);
  if (step === undefined || keys.length === 0) return { ...value, [key]: item };
  const chosen = keys[step % keys.length]!;
  return { ...value, [chosen]: plant((value as Record<string, unknown>)[chosen], [key, item], rest) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
