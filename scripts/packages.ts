import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

/** The published packages, those that others depend on first. */
export const PACKAGES: readonly { readonly folder: string; readonly manifest: Manifest }[] = [
  "redaction",
  "core",
  "logger",
  "health",
  "tracing",
  "cli",
].map((name) => {
  const folder = `${ROOT}packages/${name}`;
  return { folder, manifest: JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) };
});

/** Files by the name under which they are asked for, and by condition. */
export type Entries = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** What the scripts read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly publishConfig: { readonly access: string };
  readonly exports: Entries;
  /** What a package asks for of its own, by a name that begins with `#`. */
  readonly imports?: Entries;
}
