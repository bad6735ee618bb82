import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ROOT } from "../scripts/packages.ts";

const README = readFileSync(`${ROOT}README.md`, "utf8");
const RESULTS = readFileSync(`${ROOT}benchmarks/RESULTS.md`, "utf8");
/** What README.md calls a variant, and what the benchmark does. */
const VARIANTS = {
  "pino, two lines, nothing redacted, no spans": "pino, both lines",
  "Whodunit, all three packages": "whodunit",
  "the assembled set": "assembled",
  "dd-trace with log injection": "dd-trace with log injection",
};

/** The cells of a table's row, by how its line begins. */
function cells(text: string, start: string): string[] {
  const line = text.split("\n").find((each) => each.startsWith(`| ${start}`)) ?? "";
  return line.split("|").map((cell) => cell.trim());
}

const microseconds = (cell: string | undefined): number => Number(/[\d.]+/.exec(cell ?? "")?.[0]);

test("README.md tells what the packages cost as benchmarks/RESULTS.md does, and of which day", () => {
  for (const [framework, column] of [
    ["fastify", 2],
    ["express", 3],
  ] as const) {
    const table = RESULTS.split(`\n## stack/${framework}: what all`)[1]?.split("\n## ")[0] ?? "";
    const day = /^9 rounds, ([\d-]{10}), /m.exec(table)?.[1];
    assert.ok(README.includes(`medians of nine rounds on ${day}:`), `${framework}: ${day}`);
    for (const [told, variant] of Object.entries(VARIANTS)) {
      const value = `+${Math.round(microseconds(cells(table, variant)[4]))} µs`;
      assert.equal(cells(README, told)[column], value, `${told}, ${framework}`);
    }
  }
});

test("README.md tells how often a verdict is wrong, and how often there is none, as benchmarks/verdicts/RESULTS.md does", () => {
  const verdicts = readFileSync(`${ROOT}benchmarks/verdicts/RESULTS.md`, "utf8");
  // Simulator, its other half, and the public set.
  const faults = verdicts.split("\n").filter((line) => line.startsWith("| **all faults** |"));
  assert.equal(faults.length, 3);
  const share = (line: string | undefined, column: number): string =>
    /\(([\d.]+ %)\)/.exec(line?.split("|")[column] ?? "")?.[1] ?? "";
  const [NOBODY, INNOCENT] = [4, 5];
  const [, ...told] =
    /blames an innocent in ([\d.]+ %), in ([\d.]+ %) [\s\S]*? it names nobody in\s+([\d.]+ %)/.exec(README) ??
    [];
  assert.deepEqual(told, [share(faults[0], INNOCENT), share(faults[1], INNOCENT), share(faults[2], NOBODY)]);
});
