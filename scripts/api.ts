import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Entry } from "./declarations.ts";
import { PACKAGES, ROOT } from "./packages.ts";

/** Where the reports stand. */
export const API_FOLDER: string = join(ROOT, "api");

/** The types that each entry of each package gives to its users, by the name of the report. */
export function apiReports(): Map<string, string> {
  const work = mkdtempSync(join(tmpdir(), "whodunit-api-"));
  try {
    const config = {
      extends: join(ROOT, "tsconfig.base.json"),
      compilerOptions: {
        emitDeclarationOnly: true,
        removeComments: true,
        rootDir: join(ROOT, "packages"),
        outDir: work,
        typeRoots: [join(ROOT, "node_modules/@types")],
      },
      include: [join(ROOT, "packages/*/src")],
      exclude: [join(ROOT, "packages/cli/src/view/page/browser")],
    };
    writeFileSync(join(work, "tsconfig.json"), JSON.stringify(config));
    execFileSync("tsc", ["-p", work], { cwd: ROOT, stdio: "inherit" });
    return new Map(
      PACKAGES.flatMap(({ folder, manifest }) => {
        const short = manifest.name.replace("@whodunit/", "");
        return Object.entries(manifest.exports).flatMap(([entry, target]) => {
          if (typeof target === "string") return [];
          const { types } = target;
          if (types === undefined) throw new Error(`${manifest.name}: the entry "${entry}" has no types`);
          const file = types.replace("./dist/", `${folder.slice(folder.lastIndexOf("/") + 1)}/src/`);
          const report = entry === "." ? short : `${short}.${entry.slice(2)}`;
          return [[`${report}.d.ts`, new Entry(join(work, file)).text] as const];
        });
      }),
    );
  } finally {
    rmSync(work, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  rmSync(API_FOLDER, { recursive: true, force: true });
  mkdirSync(API_FOLDER);
  for (const [report, text] of apiReports()) writeFileSync(join(API_FOLDER, report), text);
}
