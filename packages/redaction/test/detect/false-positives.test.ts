import assert from "node:assert/strict";
import test from "node:test";
import { SEED } from "../../../../test/helpers/random.ts";
import { makeBenign, makeIds } from "../helpers/benign.ts";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const PER_CLASS = 500;
const benign = makeBenign(SEED, PER_CLASS);
const { redactText, redactValue, inspect } = createFullRedactor();

test(`the benign corpus has at least 10,000 texts, 500 of each class (seed ${SEED})`, () => {
  const sizes = [...Map.groupBy(benign, (item) => item.class).values()].map((items) => items.length);
  assert.ok(benign.length >= 10_000);
  assert.ok(Math.min(...sizes) >= 500);
});

test("redactText() alters at most 0.5 % of benign texts", () => {
  const altered = benign.filter(({ text }) => redactText(text) !== text);
  const share = altered.length / benign.length;
  assert.ok(
    share <= 0.005,
    `${share} (seed ${SEED}): ${altered
      .slice(0, 20)
      .map((item) => item.text)
      .join("\n")}`,
  );
  for (const [name, items] of Map.groupBy(altered, (item) => item.class)) {
    assert.ok(
      items.length <= PER_CLASS * 0.02,
      `${name}: ${items.length} of ${PER_CLASS}, as ${items[0]!.text}`,
    );
  }
});

test("redactValue() alters at most 0.5 % of benign texts as values of harmless keys", () => {
  const altered = benign.filter(
    ({ text }) => (redactValue({ route: text }) as { route: string }).route !== text,
  );
  assert.ok(altered.length / benign.length <= 0.005, `seed ${SEED}`);
});

test("redactText() alters at most 3 % of random 16-digit ids", () => {
  const ids = makeIds(SEED, 10_000);
  const altered = ids.filter((id) => redactText(id) !== id);
  assert.ok(altered.length / ids.length <= 0.03, `${altered.length} of ${ids.length} (seed ${SEED})`);
  const numbers = ids.map((id) => Number(`1${id.slice(1)}`)).filter(Number.isSafeInteger);
  assert.ok(
    numbers.every((id) => redactValue(id) === id),
    "what starts with 1 is no card",
  );
});

test("inspect() sends few benign texts to a second look", () => {
  const scanned = benign.filter(({ text }) => inspect(text) === 2);
  // Percent-encoded text always gets one.
  const unexpected = scanned.filter(({ text }) => !/%[\da-f]{2}|\\u/i.test(text));
  assert.ok(unexpected.length / benign.length <= 0.005, `${unexpected.length} (seed ${SEED})`);
});
