import assert from "node:assert/strict";
import test from "node:test";
import {
  CLEAN,
  ESCAPE,
  type Inspection,
  nextSuspect,
  SCAN,
  type SerialiserRedactor,
} from "@whodunit/redaction/serialiser";
import fc from "fast-check";
import { SEED } from "../../../../test/helpers/random.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { makeSecrets } from "../../../../test/helpers/secrets.ts";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const secrets = makeSecrets(SEED, 20);
const ascii = fc.string({
  unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
  maxLength: 8,
});
const text = fc
  .array(
    fc.oneof(
      ascii,
      fc.constantFrom(...secrets).map((secret) => secret.text),
      fc.constantFrom(
        "c\t",
        "y ",
        "set=",
        "%4",
        "\\u",
        "4111 1111",
        "1234-5678-",
        "GB29 NWBK",
        "eyJ",
        "--",
        "AKIA",
        "+49",
        "\\n",
        "\x1b[1;32m",
        "  :",
        '"pin","value":1',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""))
  .filter((whole) => /^[\0-\x7f]*$/.test(whole));

// What a serialiser does that has written `whole` behind its quote.
function inspectWritten(redactor: SerialiserRedactor, whole: string): Inspection {
  const bytes = Buffer.from(`{"key":"${whole}${"?".repeat(12)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = 8;
  const end = start + whole.length;
  let at = nextSuspect(view, start, start, end);
  if (at === end) return CLEAN;
  if (redactor.holdsNumber(whole)) return SCAN;
  let verdict: Inspection = CLEAN;
  for (; at < end; at = nextSuspect(view, start, at + 1, end)) {
    const found = redactor.inspectAt(whole, at - start);
    if (found === SCAN) return SCAN;
    if (found === ESCAPE) verdict = ESCAPE;
  }
  return verdict;
}

const redactors: [name: string, redactor: SerialiserRedactor][] = [
  ["with the defaults", createFullRedactor()],
  ["with a key of its own", createFullRedactor({ keys: ["shoe size"] })],
  ["with IP addresses", createFullRedactor({ kinds: { ip: "mask" } })],
  ["with few kinds", createFullRedactor({ kinds: { card: false, iban: false, ssn: false, secret: false } })],
];

for (const [name, redactor] of redactors) {
  test(`nextSuspect() and inspectAt() say of bytes what inspect() says of the text, ${name}`, () => {
    fc.assert(
      fc.property(text, (whole) => {
        assert.equal(inspectWritten(redactor, whole), redactor.inspect(whole), JSON.stringify(whole));
      }),
      { numRuns: runs(10_000), seed: SEED },
    );
  });
}

test("nextSuspect() passes over no pair of characters that inspect() stops at", () => {
  const redactor = createFullRedactor();
  for (let first = 0; first < 128; first++) {
    for (let second = 0; second < 128; second++) {
      for (const around of ["", "x", "secre", "beare"]) {
        const whole = `${around}${String.fromCharCode(first, second)}`;
        assert.equal(inspectWritten(redactor, whole), redactor.inspect(whole), JSON.stringify(whole));
      }
    }
  }
});
