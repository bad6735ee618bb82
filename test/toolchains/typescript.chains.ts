import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { INSTALLED, newFolder, writeJson } from "./folder.ts";
import { assertService } from "./service.ts";

const COMPILERS = { "5.4": "typescript-5.4", "5.9": "typescript", "7": "typescript-7" } as const;

/** A module setting, a resolution, and what the compiled files are. */
type Row = readonly [module: string, resolution: string, type: "module" | "commonjs"];

const EVERYWHERE: readonly Row[] = [
  ["nodenext", "nodenext", "module"],
  ["nodenext", "nodenext", "commonjs"],
  ["node16", "node16", "module"],
  ["node16", "node16", "commonjs"],
  ["esnext", "bundler", "module"],
];
// TypeScript 7 has no `node` (or `node10`) any more; before 6, `bundler` went with ES modules only.
const ROWS: Readonly<Record<keyof typeof COMPILERS, readonly Row[]>> = {
  "5.4": [...EVERYWHERE, ["commonjs", "node", "commonjs"]],
  "5.9": [...EVERYWHERE, ["commonjs", "node", "commonjs"]],
  "7": [...EVERYWHERE, ["commonjs", "bundler", "commonjs"]],
};

for (const [version, compiler] of Object.entries(COMPILERS)) {
  for (const [module, moduleResolution, type] of ROWS[version as keyof typeof COMPILERS]) {
    const name = `TypeScript ${version}, module ${module}, moduleResolution ${moduleResolution}, to ${type}`;
    test(`${name}: types are found, and what it gives runs`, async () => {
      const folder = newFolder(name, type, ["service.ts"]);
      writeJson(folder, "tsconfig.json", {
        compilerOptions: {
          ...{ target: "es2022", module, moduleResolution, types: ["node"], rootDir: ".", outDir: "out" },
          ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
        },
        files: ["service.ts"],
      });
      const tsc = join(INSTALLED, `node_modules/${compiler}/bin/tsc`);
      const { stdout } = spawnSync(process.execPath, [tsc, "-p", "."], { cwd: folder, encoding: "utf8" });
      // All types are looked at; those of pino do not agree with every setting.
      assert.deepEqual(stdout.match(/^(?:service\.ts|[^(]*\/node_modules\/@?whodunit\b).*/gm), null, stdout);
      await assertService({ args: ["out/service.js"], cwd: folder });
    });
  }
}
