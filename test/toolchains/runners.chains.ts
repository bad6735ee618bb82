import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fences, page } from "../helpers/documented-program.ts";
import { INSTALLED, newFolder, run, writeJson } from "./folder.ts";

const JEST = join(INSTALLED, "node_modules/jest/bin/jest.js");

function runJest(folder: string, node: string, ...options: string[]): void {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(node, [...options, JEST], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
}

for (const version of ["22", "24", "26"]) {
  test(`Jest in CommonJS under Node ${version} runs the tests of a service, with what is installed transformed`, () => {
    const folder = newFolder(`Jest CommonJS ${version}`, "commonjs", ["checked.test.mjs"]);
    renameSync(join(folder, "checked.test.mjs"), join(folder, "checked.test.js"));
    const settings = JSON.parse(fences(page("tool-chains.md"), "json")[0]!) as object;
    writeJson(folder, "jest.config.json", { testEnvironment: "node", ...settings });
    runJest(folder, join(INSTALLED, `node_modules/node${version}/bin/node`));
  });
}

test("Jest with ES modules runs the tests of a service", () => {
  const folder = newFolder("Jest ESM", "module", ["checked.test.mjs"]);
  writeJson(folder, "jest.config.json", {
    testEnvironment: "node",
    transform: {},
    moduleFileExtensions: ["mjs", "js", "cjs", "json"],
    testMatch: ["**/*.test.mjs"],
  });
  runJest(folder, process.execPath, "--experimental-vm-modules");
});

test("Vitest runs the tests of a service", () => {
  const folder = newFolder("Vitest", "module", ["checked.test.mjs"]);
  run(folder, "vitest", "run", "--globals", "checked.test.mjs");
});

test("Mocha runs the tests of a service", () => {
  const folder = newFolder("Mocha", "module", ["checked.test.mjs"]);
  run(folder, "mocha", "--ui", "tdd", "checked.test.mjs");
});
