import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ROOT } from "../../scripts/packages.ts";

const FOLDER = `${ROOT}examples/production/`;

test("rules/objectives.yml of examples/production is what whodunit objectives makes of its objectives.yaml", () => {
  const made = spawnSync(
    process.execPath,
    ["--conditions=@whodunit/source", `${ROOT}packages/cli/bin/whodunit.js`, "objectives", "objectives.yaml"],
    { cwd: FOLDER, encoding: "utf8" },
  );
  assert.equal(made.status, 0, made.stderr);
  assert.equal(readFileSync(`${FOLDER}rules/objectives.yml`, "utf8"), made.stdout);
});
