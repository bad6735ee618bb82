import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, posix, relative, sep } from "node:path";
import { isRecord } from "../is-record.ts";
import { readSettings, type Settings, unaliased } from "./aliases.ts";
import { Refusal } from "./refusal.ts";
import { readSyntax, type Syntax } from "./syntax.ts";

/** A source file of a project. */
export interface Source extends Syntax {
  /** From the project's folder, with slashes. */
  readonly path: string;
}

/** A project as it lies on the disk. */
export interface Project {
  /** The folder of its package.json, without symbolic links. */
  readonly folder: string;
  /**
   * The folder of the one service that is meant, from the project's, with slashes, as `apps/api` where several services have
   * one package.json; empty where all of it is meant.
   */
  readonly part: string;
  readonly manifestText: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly settings: Settings;
  /** What installs its packages. */
  readonly installs: Installer;
  /** What runs in the service, by path: no tests, nothing built, nothing behind a symbolic link. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Sources that could not be read, each with the reason. */
  readonly unread: readonly string[];
}

/** A program that installs packages, as its lock file or package.json says. */
export type Installer = "npm" | "pnpm" | "yarn" | "bun";

const LOCKS: readonly (readonly [file: string, installer: Installer])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
];
const SOURCE = /\.[cm]?[jt]sx?$/;
const NO_SOURCE =
  /\.d\.[cm]?ts$|[.-](?:test|spec|e2e|bench|stories)\.[cm]?[jt]sx?$|\.config\.[cm]?[jt]s$|\.min\.js$/;
const NO_FOLDER =
  /^(?:\..*|node_modules|bower_components|vendor|dist|build|out|coverage|public|static|tests?|__tests__|__mocks__|specs?|e2e|cypress|fixtures|examples?|benchmarks?|docs|migrations|seeders|seeds)$/;
const SOURCES_MAX = 5_000;
const SOURCE_MAX_BYTES = 1024 * 1024;
const UTF8 = { fatal: true, ignoreBOM: true };

/**
 * Reads a project and runs nothing of it.
 *
 * @throws Refusal where there is no project of one service
 * @throws Error where the folder cannot be read
 */
export function readProject(given: string): Project {
  const own = realpathSync(given);
  if (!statSync(own).isDirectory()) throw new Error(`${given} is no folder`);
  const folder = packageOf(own) ?? own;
  const part = relative(folder, own).replaceAll(sep, "/");
  const manifestText = manifestOf(folder, given);
  const manifest = parsed(manifestText);
  if (manifest === undefined)
    throw new Refusal(
      "package.json is no JSON object",
      "Mend package.json first; npm cannot read it either.",
    );
  const sources = new Map<string, Source>();
  const unread: string[] = [];
  for (const path of sourcePaths(folder)) {
    try {
      const text = readText(join(folder, path));
      sources.set(path, { path, ...readSyntax(path, text) });
    } catch (error) {
      unread.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const settings = readSettings(folder, manifest);
  return {
    folder,
    part,
    manifestText,
    manifest,
    settings,
    installs: installerOf(folder, manifest),
    sources,
    unread,
  };
}

// A workspace has its lock file at its root.
function installerOf(folder: string, { packageManager }: Readonly<Record<string, unknown>>): Installer {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(String(packageManager))?.[1];
  if (named !== undefined) return named as Installer;
  for (let at = folder; ; at = dirname(at)) {
    const found = LOCKS.find(([file]) => existsSync(join(at, file)));
    if (found !== undefined) return found[1];
    if (at === dirname(at)) return "npm";
  }
}

/** The nearest folder, from this one up, that has a package.json. */
function packageOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (lstatSync(join(at, "package.json"), { throwIfNoEntry: false }) !== undefined) return at;
    if (at === dirname(at)) return undefined;
  }
}

function manifestOf(folder: string, given: string): string {
  const path = join(folder, "package.json");
  const state = lstatSync(path, { throwIfNoEntry: false });
  if (state === undefined)
    throw new Refusal(
      `there is no package.json in ${given}`,
      "Give the folder of one service, which has its package.json.",
    );
  if (!state.isFile())
    throw new Refusal(
      "package.json is no file of this folder",
      "A symbolic link is not written through: give the folder that it leads to.",
    );
  return readText(path);
}

/** A file's text. @throws TypeError where it is not UTF-8 */
export function readText(path: string): string {
  return new TextDecoder("utf-8", UTF8).decode(readFileSync(path));
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function sourcePaths(folder: string): string[] {
  const found: string[] = [];
  const waiting = [""];
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = posix.join(at, entry.name);
      // A symbolic link is neither: what it leads to may be another's.
      if (entry.isDirectory()) {
        if (!NO_FOLDER.test(entry.name) && !isOtherPackage(join(folder, path))) waiting.push(path);
      } else if (entry.isFile() && SOURCE.test(entry.name) && !NO_SOURCE.test(entry.name)) {
        if (statSync(join(folder, path)).size <= SOURCE_MAX_BYTES) found.push(path);
      }
    }
    if (found.length > SOURCES_MAX)
      throw new Refusal(`there are more than ${SOURCES_MAX} sources`, "Give the folder of one service.");
  }
  return found.sort();
}

// Such as one of a workspace. A package.json that says only how sources are to be read makes no package.
function isOtherPackage(folder: string): boolean {
  const path = join(folder, "package.json");
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  return parsed(readText(path))?.name !== undefined;
}

/** The sources of the service that is meant: not those of others that have the same package.json. */
export function ownSources({ sources, part }: Project): Source[] {
  return [...sources.values()].filter(({ path }) => part === "" || path.startsWith(`${part}/`));
}

/** The range that a project asks of a package, wherever it stands in package.json. */
export function rangeOf({ manifest }: Project, name: string): string | undefined {
  for (const kind of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]) {
    const listed = manifest[kind];
    const range = isRecord(listed) ? listed[name] : undefined;
    if (typeof range === "string") return range;
  }
  return undefined;
}

/** The name of the service, in the grammar of names: of one among several its folder's, else from package.json. */
export function serviceName({ manifest, folder, part }: Project): string {
  const own = part.split("/").findLast((name) => !/^(?:src|lib|source)?$/.test(name));
  const given = own ?? (typeof manifest.name === "string" ? manifest.name : basename(folder));
  const name = given
    .toLowerCase()
    .replace(/^@[^/]*\//, "")
    .replaceAll(/[^a-z0-9-]+/g, "_")
    .replaceAll(/-{2,}/g, "-")
    .replaceAll(/^[-_]+|[-_]+$/g, "")
    .slice(0, 64);
  return name === "" ? "service" : name;
}

/** The source that an import leads to, relative or by an alias, by the rules of Node, TypeScript and bundlers. */
export function sourceAt(project: Project, from: string, specifier: string): Source | undefined {
  const paths = /^\.{1,2}(?:\/|$)/.test(specifier)
    ? [posix.join(posix.dirname(from), specifier)]
    : unaliased(specifier, project.settings.aliases).map((path) => posix.normalize(path));
  return paths.map((path) => sourceOf(project, path)).find((source) => source !== undefined);
}

function sourceOf({ sources }: Project, path: string): Source | undefined {
  const typed = path.replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
  const endings = [".ts", ".js", ".mts", ".mjs", ".cts", ".cjs", ".tsx", ".jsx"];
  return [
    path,
    typed,
    ...endings.map((ending) => path + ending),
    ...endings.map((ending) => posix.join(path, `index${ending}`)),
  ]
    .map((candidate) => sources.get(candidate))
    .find((source) => source !== undefined);
}
