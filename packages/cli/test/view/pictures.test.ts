import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isFull } from "../../../../test/helpers/scale.ts";
import { CHROMIUM } from "../helpers/browser.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** A PNG's width: it stands behind the signature and the first chunk's head (PNG, 11.2.2). */
const widthOf = (file: string): number => readFileSync(file).readUInt32BE(16);

test("npm run pictures takes every view as the documents show it, wide and as narrow as a phone", {
  skip: !isFull && "only in the full run: other tests open each view",
}, async (t) => {
  if (!existsSync(CHROMIUM)) {
    assert.notEqual(process.env.CI, "true", `${CHROMIUM} is missing, and CI must have it`);
    return t.skip(`${CHROMIUM} is missing: apt-get install chromium`);
  }
  const folder = mkdtempSync(join(tmpdir(), "whodunit-pictures-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(ROOT, "scripts/pictures.ts");
  await promisify(execFile)(process.execPath, ["--conditions=@whodunit/source", script, folder], {
    cwd: ROOT,
  });
  const taken = readdirSync(folder).sort();
  assert.deepEqual(taken, readdirSync(join(ROOT, "docs/pictures")).sort());
  for (const name of taken) assert.equal(widthOf(join(folder, name)), Number(/\d+/.exec(name)?.[0]), name);
});
