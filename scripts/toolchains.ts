import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKAGES, ROOT } from "./packages.ts";
import { STAGE } from "./stage.ts";

/**
 * Runs the rows of docs/tool-chains.md: `node scripts/toolchains.ts [file…]`, after `npm run build`. Installs the packed
 * packages and all tools once, in a folder of its own outside the repository, whose packages no row can reach by mistake.
 */
const HOME = join(ROOT, "test/toolchains");
const folder = process.env.TOOLCHAINS_FOLDER ?? mkdtempSync(join(tmpdir(), "whodunit-toolchains-"));

function run(command: string, args: string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
}

try {
  const manifest = JSON.parse(readFileSync(join(HOME, "package.json"), "utf8"));
  const packed: Record<string, string> = {};
  mkdirSync(join(folder, "packed"), { recursive: true });
  for (const { folder: from, manifest: own } of PACKAGES) {
    run("npm", ["pack", "--pack-destination", join(folder, "packed")], join(from, STAGE));
    packed[own.name] = `file:packed/${own.name.replace("@", "").replace("/", "-")}-${own.version}.tgz`;
  }
  const dependencies = { ...manifest.dependencies, ...packed };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ ...manifest, dependencies, overrides: packed }),
  );
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], folder);
  const files = process.argv.slice(2);
  const { status } = spawnSync(
    process.execPath,
    ["scripts/test.ts", ...(files.length === 0 ? ["test/toolchains/*.chains.ts"] : files)],
    { cwd: ROOT, stdio: "inherit", env: { ...process.env, TOOLCHAINS_FOLDER: folder } },
  );
  process.exitCode = status ?? 1;
} finally {
  if (process.env.TOOLCHAINS_FOLDER === undefined) rmSync(folder, { recursive: true, force: true });
}
