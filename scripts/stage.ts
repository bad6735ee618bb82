import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { Entry } from "./declarations.ts";
import { type Entries, type Manifest, ROOT } from "./packages.ts";

/** Where a package's published form stands, beside its sources; `publishConfig.directory` names it to changesets. */
export const STAGE = "publish";

/** What no user of a package has: the condition by which this repository runs its sources. */
const OWN_CONDITION = "@whodunit/source";

/** What a service imports, whatever it is compiled with; a command is run. */
const isLibrary = ({ bin }: Manifest): boolean => bin === undefined;

/**
 * Puts what is published of a built package into its folder `publish`: the code, the types that its entries are made of,
 * and a package.json without what is ours alone.
 */
export function stage(folder: string, manifest: Manifest): void {
  const to = join(folder, STAGE);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
  };
  rmSync(to, { recursive: true, force: true });
  for (const pattern of [...manifest.files, "README.md", "LICENSE"]) {
    for (const file of globSync([pattern, `${pattern}/**/*`], { cwd: folder })) {
      // Of what is built, the code; what types are needed, the entries tell.
      if (/^dist\/.*(?<!\.js)$/.test(file) || !statSync(join(folder, file)).isFile()) continue;
      cpSync(join(folder, file), join(to, file));
      // What starts a command says why to its authors alone.
      if (file.startsWith("bin/"))
        put(file, readFileSync(join(folder, file), "utf8").replaceAll(COMMENT, ""));
    }
  }
  // A command is fetched by npx each time: what is said to its authors stays here.
  for (const file of Object.values(manifest.bin ?? {}))
    put(file, readFileSync(join(folder, file), "utf8").replaceAll(/^ *\/\/.*\n/gm, ""));
  const entries = Object.values(manifest.exports).filter((entry) => typeof entry !== "string");
  for (const [path, text] of typesOf(entries.map(({ types = "" }) => resolve(folder, types)))) {
    const file = relative(folder, path);
    put(file, withExtension(path, isLibrary(manifest) ? text : text.replaceAll(DOCSTRING, ""), "js"));
    if (isLibrary(manifest)) put(commonJs(file), withExtension(path, text, "cjs"));
  }
  // Of a command few use the functions: their types go in one file, without the docstrings, to be fetched sooner.
  if (!isLibrary(manifest))
    joinTypes(
      to,
      entries.map(({ types = "" }) => types),
    );
  if (isLibrary(manifest))
    for (const { default: file = "" } of entries)
      put(commonJs(file), `module.exports = require("./${basename(file)}");\n`);
  const repository = repositoryOf(folder);
  put("package.json", `${JSON.stringify({ ...publishedManifest(manifest), ...repository }, null, 2)}\n`);
}

/** Puts all that the types of an entry are made of into its own file. */
function joinTypes(folder: string, entries: readonly string[]): void {
  const joined = entries.map((file) => [file, new Entry(join(folder, file)).text] as const);
  for (const file of globSync("**/*.d.ts", { cwd: folder })) rmSync(join(folder, file));
  for (const [file, text] of joined) writeFileSync(join(folder, file), text.replaceAll(/^ +/gm, ""));
}

const COMMENT = /^\/\/.*\n/gm;
const DOCSTRING = /^ *\/\*\*[\s\S]*?\*\/\n/gm;

const commonJs = (file: string): string => file.replace(/\.([jt]s)$/, ".c$1");

/** A relative name of another file of types, in a statement or in a type. */
const RELATIVE = /(?<=(?:\bfrom|\bimport|\bmodule) ?\(?")(\.{1,2}\/[^"]+)\.ts(?=")/g;

const besides = (path: string, name: string): string => `${resolve(dirname(path), name)}.d.ts`;

/** The files of types that can be reached from `entries`. */
function typesOf(entries: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    const text = readFileSync(path, "utf8");
    found.set(path, text);
    for (const [, name = ""] of text.matchAll(RELATIVE))
      if (existsSync(besides(path, name))) open.push(besides(path, name));
  }
  return found;
}

/** The same types with the extension that the importing side's module system wants. */
function withExtension(path: string, text: string, extension: "js" | "cjs"): string {
  return text.replaceAll(RELATIVE, (whole, name: string) =>
    existsSync(besides(path, name)) ? `${name}.${extension}` : whole,
  );
}

/**
 * Where a package's sources are, by the repository in which a workflow runs: npm holds the statement of where a tarball was built
 * against it. A clone knows of none.
 */
export function repositoryOf(
  folder: string,
  repository: string | undefined = process.env.GITHUB_REPOSITORY,
): Readonly<Record<string, object>> {
  if (repository === undefined) return {};
  const directory = relative(ROOT, folder);
  return { repository: { type: "git", url: `git+https://github.com/${repository}.git`, directory } };
}

/** The package.json that is published. */
function publishedManifest(manifest: Manifest): Record<string, unknown> {
  const { devDependencies, publishConfig, exports, imports = {}, ...rest } = manifest;
  const others = Object.entries(exports).flatMap(([name, entry]) =>
    name === "." || typeof entry === "string" ? [] : [[name.slice(2), [entry.types]]],
  );
  const { default: main, types } = exports["."] as Record<string, string>;
  return {
    ...rest,
    // For TypeScript's `moduleResolution: node`, and whatever else does not read `exports`.
    main,
    types,
    ...(others.length === 0 ? {} : { typesVersions: { "*": Object.fromEntries(others) } }),
    exports: mapEntries(exports, isLibrary(manifest) ? forBoth : forUsers),
    ...(Object.keys(imports).length === 0 ? {} : { imports: mapEntries(imports, forUsers) }),
    publishConfig: { access: publishConfig.access },
  };
}

type Conditions = Exclude<Entries[string], string>;

function forUsers({ [OWN_CONDITION]: _, ...conditions }: Conditions): Record<string, unknown> {
  return conditions;
}

/**
 * One implementation that each module system finds as one of its own: before TypeScript 5.8, and under `module: node16`, a
 * CommonJS file may not import what says that it is an ES module.
 */
function forBoth(entry: Conditions): Record<string, unknown> {
  const { types = "", default: main = "" } = entry;
  return { require: { types: commonJs(types), default: commonJs(main) }, ...forUsers(entry) };
}

const mapEntries = (
  entries: Entries,
  give: (conditions: Conditions) => Record<string, unknown>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, typeof entry === "string" ? entry : give(entry)]),
  );
