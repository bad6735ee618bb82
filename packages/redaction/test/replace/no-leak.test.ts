import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { createRedactor } from "@whodunit/redaction";
import { SEED } from "../../../../test/helpers/random.ts";
import { makeSecrets } from "../../../../test/helpers/secrets.ts";
import { CARRIERS } from "../helpers/carriers.ts";

const secrets = makeSecrets(SEED, 40);
const { redactValue, redactText } = createRedactor();

// Escaping may hide a needle, so it is looked for in more than one way of printing.
const shown = (value: unknown): string =>
  `${JSON.stringify(value)}\n${inspect(value, { depth: null, maxStringLength: null })}\n${String(value)}`;

test(`the corpus has at least 600 secrets of at least 14 kinds (seed ${SEED})`, () => {
  assert.ok(secrets.length >= 600);
  assert.ok(new Set(secrets.map(({ kind }) => kind)).size >= 14);
  assert.equal(
    new Set(secrets.flatMap(({ needles }) => needles)).size,
    secrets.flatMap(({ needles }) => needles).length,
  );
});

const spellings = (needle: string): string[] => [
  needle,
  encodeURIComponent(needle),
  String(new URLSearchParams({ "": needle })).slice(1),
];

for (const { name, wrap } of CARRIERS) {
  test(`redactValue() removes every secret from: ${name}`, () => {
    const leaked = secrets.filter((secret) => {
      const output = shown(redactValue(wrap(secret)));
      return secret.needles.flatMap(spellings).some((needle) => output.includes(needle));
    });
    assert.deepEqual(
      leaked.map(({ kind, text }) => `${kind}: ${text}`),
      [],
      `seed ${SEED}`,
    );
  });
}

test("redactText() with a cut removes every secret that straddles it", () => {
  for (const { text, needles, kind } of secrets) {
    for (const offset of [1, 5, Math.floor(text.length / 2), text.length - 1]) {
      const padding = "- ".repeat(100);
      const output = redactText(`${padding}${text}${" -".repeat(5000)}`, padding.length + offset);
      // What is left of a scheme, a key or a URL in front of the secret is no secret.
      for (const needle of needles)
        assert.ok(!output.includes(needle.slice(0, 6)), `${kind} ${text} -> ${output.slice(-60)}`);
    }
  }
});
