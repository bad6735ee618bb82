import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Manifest, PACKAGES, ROOT } from "./packages.ts";
import { STAGE } from "./stage.ts";

/**
 * What users get: packs every package, has publint and attw look at the tarballs, installs each alone in an
 * empty folder with its own `@whodunit/*` dependencies only, then all with Fastify and Express, and runs them from
 * ESM and from CommonJS, on this Node and on the oldest one that each supports.
 */
const SIZE_MAX_BYTES = 150_000;
const tarballs = new Map<string, string>();
const work = mkdtempSync(join(tmpdir(), "whodunit-packed-"));

/** Runs a command and returns what it says; what it said is all there is to read when it fails. */
function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
}

try {
  for (const { folder, manifest } of PACKAGES) {
    const from = join(folder, STAGE);
    const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", work], from));
    const tarball = join(work, packed.filename);
    tarballs.set(manifest.name, tarball);
    if (packed.size > SIZE_MAX_BYTES)
      throw new Error(`${manifest.name} packed has ${packed.size} bytes, want ${SIZE_MAX_BYTES} or fewer`);
    run("publint", ["run", tarball, "--strict"], ROOT);
    // A program may use the command's functions too, as an ES module.
    const ignored = manifest.bin === undefined ? [] : ["--ignore-rules", "cjs-resolves-to-esm"];
    run("attw", [tarball, "--format", "ascii", ...ignored], ROOT);
    // Those of a command are put together by us.
    if (manifest.bin !== undefined) {
      const { types } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
      run("tsc", ["--ignoreConfig", "--noEmit", "--strict", "--types", "node", join(from, types)], ROOT);
    }
    console.log(`ok ${manifest.name} packed: ${packed.size} bytes, publint, attw`);
  }

  for (const { manifest } of PACKAGES) {
    const own = ownDependencies(manifest.name);
    const home = install(manifest.name, [manifest.name], own);
    const installed = globSync("@whodunit/*", { cwd: join(home, "node_modules") }).sort();
    const expected = own.filter((name) => name.startsWith("@whodunit/")).sort();
    if (installed.join() !== expected.join())
      throw new Error(`${manifest.name} brought ${installed}, want ${expected}`);
    runProgram(home, manifest.name.replace("@whodunit/", ""), nodesOf([manifest]));
  }
  const all = PACKAGES.map(({ manifest }) => manifest.name);
  const service = install("service", all, all, { fastify: "5", express: "5" });
  runProgram(service, "service", nodesOf(PACKAGES.map(({ manifest }) => manifest).filter(isLibrary)));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function isLibrary({ name }: Manifest): boolean {
  return name.startsWith("@whodunit/");
}

/** A folder with the tarballs of `wanted` installed, and of `own` wherever those ask for them. */
function install(name: string, wanted: string[], own: string[], more: Record<string, string> = {}): string {
  const home = join(work, "installed", name.replace("/", "-"));
  mkdirSync(home, { recursive: true });
  const files = (names: string[]) =>
    Object.fromEntries(names.map((each) => [each, `file:${tarballs.get(each)}`]));
  // The overrides make the tarballs serve each other: what is tested is what was just packed.
  const manifest = { private: true, dependencies: { ...files(wanted), ...more }, overrides: files(own) };
  writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], home);
  return home;
}

/** This Node and the oldest one that all of them support, which is installed once. */
function nodesOf(manifests: readonly Manifest[]): string[] {
  const oldest = manifests
    .map(({ engines }) => engines.node.replace(">=", ""))
    .sort()
    .at(-1)!;
  const home = join(work, `node-${oldest}`);
  const node = join(home, "node_modules/node/bin/node");
  if (!existsSync(node)) {
    mkdirSync(home);
    writeFileSync(join(home, "package.json"), `{"private":true,"allowScripts":{"node":true}}`);
    run("npm", ["install", `node@${oldest}.0`], home);
  }
  return [process.execPath, node];
}

/** Runs `test/packed/<name>.mjs` in `home` as a module and as CommonJS, under each Node. */
function runProgram(home: string, name: string, nodes: string[]): void {
  const source = readFileSync(join(ROOT, "test/packed", `${name}.mjs`), "utf8");
  for (const [extension, text] of [
    ["mjs", source],
    ["cjs", asCommonJs(source)],
  ] as const) {
    const file = join(home, `${name}.${extension}`);
    writeFileSync(file, text);
    for (const node of nodes) {
      run(node, [file], home);
      console.log(`ok ${name} installed, ${extension}, Node ${run(node, ["--version"], home).trim()}`);
    }
  }
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
