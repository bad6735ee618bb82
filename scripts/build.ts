import { execFileSync } from "node:child_process";
import { chmodSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { type Entries, type Manifest, PACKAGES, ROOT } from "./packages.ts";

// A file removed from src must not live on in dist and be packed.
for (const { folder } of PACKAGES) rmSync(`${folder}/dist`, { recursive: true, force: true });
execFileSync("tsc", ["--build", "--force", "tsconfig.build.json"], { cwd: ROOT, stdio: "inherit" });
for (const { folder, manifest } of PACKAGES) if (!folder.endsWith("/cli")) await join(folder, manifest);
chmodSync(`${ROOT}packages/cli/dist/main.js`, 0o755);

/**
 * Joins the many small files that tsc gave into few, because each costs a quarter of a millisecond when a service
 * starts. What entries share, and what is imported later, become chunks. The types stay in their files.
 */
async function join(folder: string, { exports, imports = {} }: Manifest): Promise<void> {
  const built = (entries: Entries): string[] =>
    Object.values(entries).flatMap((entry) =>
      typeof entry === "string" || entry.default === undefined ? [] : [resolve(folder, entry.default)],
    );
  const entries = built(exports);
  const apart = globSync(`${folder}/dist/**/*.js{,.map}`);
  const { outputFiles } = await build({
    // What a package asks for of its own is loaded by itself, later.
    entryPoints: [...entries, ...built(imports)],
    absWorkingDir: folder,
    outdir: "dist",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    packages: "external",
    // A package's own CommonJS stays a file of its own: inside an ES module it could require nothing.
    external: ["#*"],
    format: "esm",
    platform: "node",
    target: "node22.15",
    sourcemap: true,
    write: false,
    // An import for its effects only, of a package that says it has none, would be left out.
    ...(folder.endsWith("/tracing") ? { plugins: [askForIndex(entries)], ignoreAnnotations: true } : {}),
  });
  for (const file of apart) rmSync(file);
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
}

/**
 * Makes every entry load what index loads. Without, each set of entries that share something gives a chunk of its own;
 * where they share most of the code, reading a little more of it costs less than reading many files.
 */
function askForIndex(entries: readonly string[]): Plugin {
  return {
    name: "ask for index",
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, async ({ path }) =>
        entries.includes(path)
          ? { contents: `${await readFile(path, "utf8")}\nimport "./index.js";` }
          : undefined,
      );
    },
  };
}
