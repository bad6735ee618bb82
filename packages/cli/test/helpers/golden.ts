import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

/** Compares with the golden file of that name; `UPDATE_GOLDEN=1` writes it, to be read before it is committed. */
export function assertGolden(name: string, actual: string): void {
  const file = new URL(`../golden/${name}.golden.txt`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, actual);
  assert.equal(actual, readFileSync(file, "utf8"));
}
