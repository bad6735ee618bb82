import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKAGES, ROOT } from "./packages.ts";

/**
 * What users get: packs every package, has publint and attw look at the tarballs, installs each alone in an
 * empty folder with its own `@whodunit/*` dependencies only, and runs it from ESM and from CommonJS, on this
 * Node and on the oldest one supported.
 */
const OLDEST_NODE = "22.15.0";
const work = mkdtempSync(join(tmpdir(), "whodunit-packed-"));

/** Runs a command and returns what it says; what it said is all there is to read when it fails. */
function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
}

try {
  const tarballs = new Map<string, string>();
  for (const { folder, manifest } of PACKAGES) {
    const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", work], folder));
    const tarball = join(work, packed.filename);
    tarballs.set(manifest.name, tarball);
    run("publint", ["run", tarball, "--strict"], ROOT);
    run("attw", [tarball, "--profile", "esm-only", "--format", "ascii"], ROOT);
    console.log(`ok ${manifest.name} packed: publint, attw`);
  }

  const oldest = join(work, "oldest-node");
  mkdirSync(oldest);
  writeFileSync(join(oldest, "package.json"), `{"private":true,"allowScripts":{"node":true}}`);
  run("npm", ["install", `node@${OLDEST_NODE}`], oldest);
  const nodes = [process.execPath, join(oldest, "node_modules/node/bin/node")];
  const programs = join(ROOT, "test/packed");

  for (const { manifest } of PACKAGES) {
    const home = join(work, "alone", manifest.name.replace("/", "-"));
    mkdirSync(home, { recursive: true });
    const own = ownDependencies(manifest.name);
    const dependencies = Object.fromEntries(own.map((name) => [name, `file:${tarballs.get(name)}`]));
    // The overrides make the tarballs serve each other: what is tested is what was just packed.
    writeFileSync(
      join(home, "package.json"),
      JSON.stringify({
        private: true,
        dependencies: { [manifest.name]: dependencies[manifest.name] },
        overrides: dependencies,
      }),
    );
    run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], home);
    const installed = readdirSync(join(home, "node_modules/@whodunit"), { withFileTypes: true })
      .map((entry) => `@whodunit/${entry.name}`)
      .sort();
    const expected = own.filter((name) => name.startsWith("@whodunit/")).sort();
    if (installed.join() !== expected.join())
      throw new Error(`${manifest.name} brought ${installed}, want ${expected}`);
    const program = manifest.name.replace("@whodunit/", "");
    const source = readFileSync(join(programs, `${program}.mjs`), "utf8");
    for (const [extension, text] of [
      ["mjs", source],
      ["cjs", asCommonJs(source)],
    ] as const) {
      const file = join(home, `${program}.${extension}`);
      writeFileSync(file, text);
      for (const node of nodes) {
        run(node, [file], home);
        console.log(`ok ${manifest.name} alone, ${extension}, Node ${run(node, ["--version"], home).trim()}`);
      }
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The same program with each import turned into a require. */
function asCommonJs(source: string): string {
  return source
    .replaceAll(/^import (.+) from (".+");$/gm, "const $1 = require($2);")
    .replaceAll(/^import (".+");$/gm, "require($1);");
}

/** A package's name and those of all the workspace packages it depends on, near and far. */
function ownDependencies(name: string): string[] {
  const manifest = PACKAGES.find((entry) => entry.manifest.name === name)?.manifest;
  if (manifest === undefined) return [];
  return [...new Set([name, ...Object.keys(manifest.dependencies ?? {}).flatMap(ownDependencies)])];
}
