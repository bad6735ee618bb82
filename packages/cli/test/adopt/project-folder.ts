import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

/** Files by path, with their text. */
export type Files = Readonly<Record<string, string>>;

/** Writes a project into a folder of its own, which is gone after the test. */
export function projectFolder(t: TestContext, files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-adopt-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** All files of a folder, hidden ones too. */
export function filesOf(folder: string): Record<string, string> {
  const paths = globSync(["**/*", "**/.*"], { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** A package.json with these dependencies, as npm writes it. */
export function manifest(dependencies: Readonly<Record<string, string>>, more: object = {}): string {
  return `${JSON.stringify({ name: "shop", ...more, dependencies }, null, 2)}\n`;
}
