import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { normaliseName } from "@whodunit/core";
import fc from "fast-check";
import { SEED } from "../../../../test/helpers/random.ts";
import { leftOut, runs } from "../../../../test/helpers/scale.ts";
import { makeSecrets } from "../../../../test/helpers/secrets.ts";
import { INNOCENT, makeBenign, makeIds } from "../../../redaction/test/helpers/benign.ts";
import { CARRIERS, type Carrier } from "../../../redaction/test/helpers/carriers.ts";
import { assertNoSecrets, type Capture, captureLogs } from "../../src/testing.ts";
import { leaks } from "../helpers/leaks.ts";
import { nested } from "../helpers/nested.ts";
import { PATHS, type Path } from "../helpers/paths.ts";

process.env.NODE_ENV = "test";

const secrets = makeSecrets(SEED, 32);
const oneOfEachKind = secrets.filter(({ kind }, i) => kind !== secrets[i - 1]?.kind);
const TEXT: Carrier = { name: "text", wrap: ({ text }) => text };
// A carrier meets each path with one in so many of the corpus, and the next path with others.
const SHARE = 6;
const RUNS = runs(10_000);
const isLeftOut = leftOut(PATHS, 8);

describe("no leak", () => {
  it("has a corpus of at least 600 secrets over 14 kinds", () => {
    assert.ok(secrets.length >= 600, `${secrets.length}`);
    assert.ok(oneOfEachKind.length >= 14);
  });

  for (const [p, path] of PATHS.entries()) {
    it(`of any secret by ${path.name}`, { skip: isLeftOut(path) }, () => {
      const capture = captureLogs(path.options);
      const found: string[] = [];
      for (const [c, carrier] of (path.textOnly ? [TEXT] : CARRIERS).entries()) {
        const met = carrier.name === "text" ? secrets : secrets.filter((_, s) => (s + p + c) % SHARE === 0);
        for (const secret of met) {
          const text = written(capture, path, carrier.wrap(secret));
          if (leaks(text, secret)) found.push(`${secret.kind} in ${carrier.name}: ${text}`);
        }
      }
      assert.deepEqual(found, [], `seed ${SEED}`);
    });
  }

  it("of any secret by the fields of createLogger()", () => {
    const found = secrets.filter((secret) => {
      const [key, value] = secret.field;
      const capture = captureLogs({ fields: { text: secret.text, [key]: value, list: [{ [key]: value }] } });
      capture.logger.error("x");
      capture.logger.pino.info("text");
      return leaks(capture.text, secret);
    });
    assert.deepEqual(found, [], `seed ${SEED}`);
  });

  it("of a field named `value` that the options make a secret, with a name beside it or none", () => {
    for (const redact of [{ keys: ["value"] }, { allowKeys: ["name"] }]) {
      const capture = captureLogs({ redact });
      capture.logger.error("x", { value: "hunter2", name: { value: "hunter2" } });
      capture.logger.error("y", { name: { name: "token", value: "hunter2" } });
      assert.ok(!capture.text.includes("hunter2"), capture.text);
    }
  });

  it("of any secret in what was meant to be a name, in production", (t) => {
    t.after(() => {
      process.env.NODE_ENV = "test";
    });
    process.env.NODE_ENV = "production";
    const capture = captureLogs();
    const { logger } = capture;
    const found = secrets.filter((secret) => {
      capture.clear();
      logger.error<string>(`login with ${secret.text} failed`);
      logger.child<string>(`for ${secret.text}`).debug("x");
      logger.pino.error(`login with ${secret.text}`, { a: 1 });
      // As a name is written: in lower case, with nothing but letters, digits and _.
      const asName = secret.needles.map((needle) => normaliseName(needle));
      return leaks(capture.text, secret) || leaks(capture.text, { ...secret, needles: asName });
    });
    assert.deepEqual(
      found.map(({ kind, text }) => `${kind}: ${text}`),
      [],
      `seed ${SEED}`,
    );
  });

  it("would be seen: with redaction off, every path shows its secret", (t) => {
    // The throttle's lines are of one second, however long they take.
    t.mock.timers.enable({ apis: ["Date"] });
    for (const path of PATHS) {
      const capture = captureLogs({ ...path.options, redact: false });
      const texts = oneOfEachKind.map((secret) => ({ secret, text: written(capture, path, secret.text) }));
      const shown = texts.filter(({ secret, text }) => leaks(text, secret));
      const hides = /personal field|not declared/.test(path.name);
      assert.equal(shown.length > 0, !hides, `${path.name}: ${texts[0]?.text}`);
      const mark = { recorded: '"recorded":true', throttle: '"repeats":' }[path.name.split(" ")[0]!];
      for (const { text } of texts) assert.ok(text.includes(mark ?? ""), `${path.name}: ${text}`);
    }
  });

  it(`of a secret planted anywhere in an arbitrary object, by any path (${RUNS} of them)`, () => {
    const captures = PATHS.map((path) => ({ path, capture: captureLogs(path.options) }));
    const values = captures.filter(({ path }) => path.textOnly !== true);
    let seen = 0;
    const property = fc.property(
      fc.constantFrom(...secrets),
      fc.constantFrom(...CARRIERS),
      nested(),
      fc.nat(values.length - 1),
      (secret, carrier, nest, index) => {
        const { path, capture } = values[index]!;
        const text = written(capture, path, nest(carrier.wrap(secret)));
        if (text.includes("[Redacted]")) seen++;
        assert.ok(!leaks(text, secret), `${secret.kind} by ${path.name}: ${text}`);
      },
    );
    fc.assert(property, { numRuns: RUNS, seed: SEED });
    assert.ok(seen > RUNS / 2, `${seen} secrets were within the bounds of their lines`);
  });

  it("is what assertNoSecrets() finds too", () => {
    const [secret] = secrets;
    const capture = captureLogs({ redact: false });
    capture.logger.error("x", { detail: secret!.text });
    assert.throws(() => assertNoSecrets(capture.text), /Found 1 secret in/);
    const clean = captureLogs();
    for (const each of secrets) clean.logger.error("x", { detail: each.text });
    assertNoSecrets(clean.text);
  });
});

describe("no false alarm", () => {
  const capture = captureLogs();
  const shown = (value: unknown): unknown => {
    capture.clear();
    capture.logger.error("x", { route: value });
    return capture.lines[0]?.route;
  };

  it("of more than 0.5 % of 10,000 harmless texts, nor of 2 % of a class of 500", () => {
    const texts = makeBenign(SEED, 500);
    assert.ok(texts.length >= 10_000);
    const altered = texts.filter(({ text }) => shown(text) !== text);
    assert.ok(
      altered.length <= 0.005 * texts.length,
      `${altered.length}, as ${altered[0]?.text} (seed ${SEED})`,
    );
    for (const [name, items] of Map.groupBy(altered, (item) => item.class)) {
      assert.ok(items.length <= 0.02 * 500, `${name}: ${items.length}, as ${items[0]?.text}`);
    }
  });

  it("of more than 3 % of random ids of 16 digits, as text or number", () => {
    const ids = makeIds(SEED, 10_000);
    const altered = ids.filter((id) => shown(id) !== id);
    assert.ok(altered.length <= 300, `${altered.length} (seed ${SEED})`);
    const numbers = ids.map(Number).filter(Number.isSafeInteger);
    assert.ok(numbers.filter((id) => shown(id) !== id).length <= 0.03 * numbers.length, `seed ${SEED}`);
  });

  it("of a harmless key", () => {
    const fields = Object.fromEntries(INNOCENT.map((key) => [key, "word"]));
    capture.clear();
    capture.logger.error("x", fields);
    for (const key of INNOCENT) assert.equal(capture.lines[0]?.[key], "word", key);
  });
});

/** What one value becomes by one path: lines of JSON. */
function written(capture: Capture, path: Path, value: unknown): string {
  capture.clear();
  path.log(capture.logger, value);
  for (const line of capture.text.trimEnd().split("\n")) JSON.parse(line);
  return capture.text;
}
