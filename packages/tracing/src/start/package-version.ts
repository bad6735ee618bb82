import { readFileSync } from "node:fs";

/**
 * The version of the package `name` that a path or a stack trace runs through, as its package.json says it; undefined
 * where nothing says it.
 */
export function packageVersionIn(text: string, name: string): string | undefined {
  const inFolder = new RegExp(
    `(?:/|[A-Za-z]:)[^\\n]*[\\\\/]node_modules[\\\\/]${name.replace("/", "[\\\\/]")}[\\\\/]`,
  );
  const [folder] = inFolder.exec(text.replaceAll("file://", "")) ?? [];
  if (folder === undefined) return undefined;
  try {
    return (JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as { version?: string }).version;
  } catch {
    // Bundled, or packed otherwise.
    return undefined;
  }
}
