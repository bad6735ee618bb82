import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { FAULTS } from "@whodunit/core";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const TABLE_FILE = "packages/core/src/process/fault-codes.ts";
// Settings, which begin alike.
const VARIABLES = [
  "WHODUNIT_TOKEN",
  "WHODUNIT_PROFILE",
  "WHODUNIT_DEBUG_SECRET",
  "WHODUNIT_ALERTS_TOKEN",
  "WHODUNIT_PROMETHEUS",
  // The rest of it comes by what it opens.
  "WHODUNIT_PROMETHEUS_",
  "WHODUNIT_PROMETHEUS_CA",
  "WHODUNIT_PROMETHEUS_CERT",
  "WHODUNIT_PROMETHEUS_TOKEN",
  "WHODUNIT_PROMETHEUS_USER",
  "WHODUNIT_SLACK_URL",
  "WHODUNIT_WEBHOOK_TOKEN",
  "WHODUNIT_WEBHOOK_URL",
];

/** Every code that a source names, but for the table of them. */
function codesInSources(): Set<string> {
  const found = new Set<string>();
  for (const file of globSync("packages/*/src/**/*.{ts,cts,cjs,js}", { cwd: ROOT })) {
    if (file === TABLE_FILE) continue;
    for (const [code] of readFileSync(ROOT + file, "utf8").matchAll(/WHODUNIT_[A-Z][A-Z_]*/g))
      found.add(code);
  }
  for (const variable of VARIABLES) found.delete(variable);
  return found;
}

test("every code that a source names is in the table of faults, and the table has none that no source names", () => {
  assert.deepEqual([...codesInSources()].toSorted(), Object.keys(FAULTS).toSorted());
});

test("ERRORS.md has every code of the table with its two sentences, in order, and no other", () => {
  const page = readFileSync(`${ROOT}ERRORS.md`, "utf8");
  const documented = [...page.matchAll(/^### (\S+)\n\n([^\n]+)\n([^\n]+)\n/gm)].map(
    ([, code, happened, remedy]) => [code, happened, remedy],
  );
  const table = Object.entries(FAULTS)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { happened, remedy }]) => [code, happened, remedy]);
  assert.deepEqual(documented, table);
  const mentioned = new Set([...page.matchAll(/WHODUNIT_[A-Z][A-Z_]*/g)].map(([code]) => code));
  for (const code of mentioned) assert.ok(code in FAULTS || VARIABLES.includes(code), `${code} is no code`);
});

test("each sentence of a fault is one, and says something of its own", () => {
  for (const [code, { happened, remedy }] of Object.entries(FAULTS)) {
    for (const text of [happened, remedy]) assert.match(text, /^[A-Z`][^\n]{20,200}\.$/, code);
  }
  const happenings = Object.values(FAULTS).map(({ happened }) => happened);
  assert.equal(new Set(happenings).size, happenings.length);
});
