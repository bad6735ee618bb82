import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { PACKAGES, ROOT } from "./packages.ts";

/**
 * `node scripts/documents.ts reference` writes the reference of every public name, made of the docstrings, to `reference/`. It
 * fails where a name has no docstring, where one links to what is not there, and where a type that is needed to read another
 * is not handed out. `… spelling` looks through the documents, and the comments of the sources.
 *
 * What does it is installed apart, so that `npm ci` brings less; and the generator needs a TypeScript with a programming
 * interface, which 7 has not.
 */
const HOME = join(ROOT, "scripts/documents");
const TASKS: Readonly<Record<string, () => void>> = { reference: makeReference, spelling: checkSpelling };

const [name = ""] = process.argv.slice(2);
const task = TASKS[name];
if (task === undefined) throw new Error(`"${name}" is none of ${Object.keys(TASKS).join(", ")}`);
run(
  "npm",
  ["install", "--no-workspaces", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"],
  HOME,
);
task();

function run(command: string, args: readonly string[], cwd: string): void {
  const PATH = join(HOME, "node_modules/.bin") + delimiter + process.env.PATH;
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit", env: { ...process.env, PATH } });
  if (status !== 0) {
    process.exitCode = 1;
    throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
  }
}

function makeReference(): void {
  // Inside the tree, so that the packages' own dependencies are found.
  mkdirSync(join(ROOT, "test/tmp"), { recursive: true });
  const work = mkdtempSync(join(ROOT, "test/tmp/reference-"));
  try {
    const entries = PACKAGES.flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports).flatMap(([entry, target]) => {
        const source = typeof target === "string" ? undefined : target["@whodunit/source"];
        if (source === undefined) return [];
        // Named as it is imported.
        const file = join(work, manifest.name, entry === "." ? "index.ts" : `${entry}.ts`);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `export * from "${relative(dirname(file), join(folder, source))}";\n`);
        return [file];
      }),
    );
    const tsconfig = join(work, "tsconfig.json");
    writeFileSync(
      tsconfig,
      JSON.stringify({
        extends: join(ROOT, "tsconfig.base.json"),
        compilerOptions: { noEmit: true },
        files: entries,
      }),
    );
    const options = join(work, "typedoc.json");
    writeFileSync(
      options,
      JSON.stringify({
        name: "Whodunit",
        entryPoints: entries,
        tsconfig,
        out: join(ROOT, "reference"),
        readme: "none",
        excludeInternal: true,
        disableSources: true,
        // Stands in docstrings of Node that some types inherit.
        ignoredHighlightLanguages: ["http"],
        externalSymbolLinkMappings: { "@types/node": { "*": "https://nodejs.org/api/" } },
        packagesRequiringDocumentation: PACKAGES.map(({ manifest }) => manifest.name),
        requiredToBeDocumented: ["Class", "Enum", "Function", "Interface", "TypeAlias", "Variable"],
        validation: { invalidLink: true, notDocumented: true, notExported: true },
        treatWarningsAsErrors: true,
        treatValidationWarningsAsErrors: true,
      }),
    );
    run("typedoc", ["--options", options], ROOT);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function checkSpelling(): void {
  run("cspell", ["lint", "--config", join(HOME, "cspell.json"), "--no-progress"], ROOT);
}
