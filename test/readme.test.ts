import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { ROOT } from "../scripts/packages.ts";

const FENCE = /^```ts\n(.*?)^```$/gms;

test("every ts fence of the documentation type-checks as a module of its own", (t) => {
  // Not in a dot-folder, which tsc's include skips, and inside the tree, so that the packages resolve.
  mkdirSync(`${ROOT}test/tmp`, { recursive: true });
  const folder = mkdtempSync(`${ROOT}test/tmp/fences-`);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  for (const file of globSync(
    [
      "README.md",
      "CONTRIBUTING.md",
      "ARCHITECTURE.md",
      "packages/*/README.md",
      "examples/*/README.md",
      "docs/*.md",
    ],
    { cwd: ROOT },
  )) {
    for (const [index, match] of [...readFileSync(ROOT + file, "utf8").matchAll(FENCE)].entries()) {
      const name = `${relative(".", file).replaceAll(/[^\w]/g, "_")}_${index + 1}.ts`;
      writeFileSync(join(folder, name), `${match[1]}\nexport {};\n`);
      count++;
    }
  }
  assert.ok(count >= 10, `the documentation has ${count} fences`);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.json",
      // Examples leave their results unused; that is not what is checked here.
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        rootDir: "../../..",
        // Not the file that remembers the types of the whole tree.
        tsBuildInfoFile: "./types.tsbuildinfo",
      },
      include: ["."],
    }),
  );
  const listed = spawnSync("tsc", ["-p", folder, "--listFilesOnly"], { encoding: "utf8" });
  assert.equal(
    listed.stdout.split("\n").filter((line) => line.includes(folder)).length,
    count,
    "tsc sees every fence",
  );
  const checked = spawnSync("tsc", ["-p", folder], { encoding: "utf8" });
  assert.equal(checked.stdout, "");
  assert.equal(checked.status, 0);
});
