import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { SCAN } from "@whodunit/redaction/serialiser";
import { SEED } from "../../../../test/helpers/random.ts";
import { isGluable } from "../../src/detect/token-form.ts";
import { vendors } from "../../src/detect/vendor-places.ts";
import { buildToken, tokenRandom } from "../helpers/build-token.ts";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const redactor = createFullRedactor();
const { redactText, redactValue } = redactor;
const MASK = "[Redacted]";
const rows = vendors();
const PER_FORM = 12;

/** Where a token may stand. `rest` is what has to be left. */
const EDGES: readonly (readonly [name: string, wrap: (token: string) => string])[] = [
  ["alone", (token) => token],
  ["in a sentence", (token) => `the key ${token} was refused`],
  ["at the end of a sentence", (token) => `refused: ${token}. Try again`],
  ["in double quotes", (token) => `sent "${token}" twice`],
  ["in single quotes", (token) => `sent '${token}' twice`],
  ["in backticks", (token) => `sent \`${token}\` twice`],
  ["in round brackets", (token) => `sent (${token}), twice`],
  ["in square brackets", (token) => `sent [${token}] twice`],
  ["in braces", (token) => `sent {${token}} twice`],
  ["in angle brackets", (token) => `sent <${token}> twice`],
  ["in a path of a URL", (token) => `GET https://api.example.com/x/${token}?page=2`],
  ["in a query", (token) => `GET /x?q=${token}&page=2`],
  ["in a fragment", (token) => `/x#id=${token}&a=1`],
  ["in JSON", (token) => JSON.stringify({ note: token, n: 1 })],
  ["in JSON in JSON", (token) => JSON.stringify(JSON.stringify({ note: token, n: 1 }))],
  ["in a list in JSON", (token) => JSON.stringify(["a", token, "b"])],
  ["behind a line break in JSON", (token) => JSON.stringify(`x\n${token}\ny`)],
  ["behind a tab in JSON", (token) => JSON.stringify(`x\t${token}\ty`)],
  ["in a printed object", (token) => inspect({ note: token, list: [token] })],
  ["in a shell's assignment", (token) => `export NOTE=${token}; run`],
  ["in a shell's quotes", (token) => `run --note="${token}" --x`],
  ["in colour", (token) => `\x1b[32m${token}\x1b[39m`],
  ["in a column", (token) => `note\t${token}\tok`],
  ["behind a comma", (token) => `a,${token},b`],
  ["behind a colon", (token) => `note:${token};`],
  ["behind an underscore", (token) => `my_${token}`],
  ["behind a writing that is not ASCII", (token) => `Schlüssel für Köln – ${token} – ja`],
  ["in XML", (token) => `<note>${token}</note>`],
];

test("the table of vendors has at least 120 kinds, each with a name, forms, examples and a source", () => {
  assert.ok(rows.length >= 120, String(rows.length));
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
  for (const { name, forms, example, counterexample, source } of rows) {
    assert.ok(forms.length > 0 && example && counterexample && source, name);
    for (const form of forms) assert.doesNotMatch(form, /<(?!uuid>|[a-z64]+[=~%@]?:\d+(?:-\d+|\+)?>)/, name);
  }
});

for (const { name, forms, example, counterexample } of rows) {
  test(`R6: redactText() hides the whole of a ${name}`, () => {
    const prefix = /^[^<[]*/.exec(forms[0]!)![0];
    const token = example.replace("…", prefix);
    assert.equal(redactText(`found ${token} here`), `found ${MASK} here`);
    assert.equal(redactor.inspect(token), SCAN);
    assert.deepEqual(redactValue({ note: token, list: [token] }), { note: MASK, list: [MASK] });
  });

  test(`R6: redactText() keeps what only looks like a ${name}`, () => {
    assert.equal(redactText(`see ${counterexample}`), `see ${counterexample}`);
  });

  test(`R5: redactText() hides tokens built from the forms of a ${name} whole at every edge (seed ${SEED})`, () => {
    const random = tokenRandom();
    for (const form of forms) {
      for (let i = 0; i < PER_FORM; i++) {
        const token = buildToken(random, form);
        const [edge, wrap] = random.pick(EDGES);
        const text = wrap(token);
        const told = `${edge}: ${text}`;
        assert.equal(redactor.inspect(text), SCAN, told);
        // A key or a URL in front may hide more than the token.
        assert.ok(leavesNothing(redactText(text), token), `${told}\n${redactText(text)}`);
      }
      for (const [edge, wrap] of EDGES) {
        const token = buildToken(random, form);
        const text = wrap(token);
        assert.ok(leavesNothing(redactText(text), token), `${edge}: ${text}\n${redactText(text)}`);
      }
    }
  });

  const gluable = forms.filter((form) => isGluable(form, (/^[^<[]*/.exec(form) ?? [""])[0].length));
  if (gluable.length > 0) {
    test(`R5: redactText() hides a ${name} that is glued to letters, where its form is long enough`, () => {
      const random = tokenRandom();
      for (const form of gluable) {
        const token = buildToken(random, form);
        for (const text of [`x${token}`, `KEY${token}`, `note2${token} end`]) {
          assert.ok(leavesNothing(redactText(text), token), `${text}\n${redactText(text)}`);
        }
      }
    });
  }
}

/** Whether no six characters in a row are left of a token, but those of its prefix. */
function leavesNothing(redacted: string, token: string): boolean {
  for (let i = 4; i + 6 <= token.length; i++) {
    const piece = token.slice(i, i + 6);
    if (/\d/.test(piece) && redacted.includes(piece)) return false;
  }
  return redacted.includes(MASK) && !redacted.includes(token);
}

test("vendors: one redactor may look for them, and another not", () => {
  const without = createFullRedactor({ kinds: { vendor: false } });
  const token = `glagent-${"a1B2".repeat(12)}`;
  assert.equal(without.redactText(token), token);
  assert.equal(redactText(token), MASK);
  assert.deepEqual(redactor.counts().vendor !== undefined, true);
});
