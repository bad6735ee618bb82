import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the tools and the packed packages are installed: `npm run test:toolchains` makes it and says where. */
export const INSTALLED: string = required("TOOLCHAINS_FOLDER");

const FIXTURES = fileURLToPath(new URL("fixtures/", import.meta.url));

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: run npm run test:toolchains`);
  return value;
}

/** A new folder beside the installed tools, with a fixture and a package.json that says which module system it has. */
export function newFolder(name: string, type: "module" | "commonjs", fixtures: readonly string[]): string {
  const folder = join(INSTALLED, "rows", name.replaceAll(/[^\w.]+/g, "-"));
  mkdirSync(folder, { recursive: true });
  for (const fixture of fixtures) copyFileSync(join(FIXTURES, fixture), join(folder, fixture));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "row", private: true, type }));
  return folder;
}

/** Writes a tool's settings. */
export function writeJson(folder: string, file: string, settings: object): void {
  writeFileSync(join(folder, file), JSON.stringify(settings));
}

/** Where an installed program stands. */
export const tool = (name: string): string => join(INSTALLED, "node_modules/.bin", name);

/**
 * Runs a tool to its end.
 *
 * @throws Error with what it said, where it fails
 */
export function run(folder: string, name: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = tried(folder, name, ...args);
  if (status !== 0)
    throw new Error(`${name} ${args.join(" ")}: ${status} ${error ?? ""}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs a tool that may fail. */
export function tried(folder: string, name: string, ...args: string[]): SpawnSyncReturns<string> {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  return spawnSync(tool(name), args, {
    cwd: folder,
    encoding: "utf8",
    // Tools run under the Node that runs this.
    env: { ...env, PATH: join(process.execPath, "..") + delimiter + process.env.PATH },
  });
}
