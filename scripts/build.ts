import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type OutputFile, type Plugin, transform } from "esbuild";
import { minify } from "terser";
import { type Entries, type Manifest, PACKAGES, ROOT } from "./packages.ts";
import { stage } from "./stage.ts";

/** Files of redaction, and the functions of theirs that the build calls. */
const SETTLED: Readonly<Record<string, readonly string[]>> = {
  "vendor-places.js": ["vendorPlaces"],
  "packed-tables.js": ["tableWithoutIp", "tableWithIp", "suspectsWithoutIp"],
};

// A file removed from src must not live on in dist and be packed.
for (const { folder } of PACKAGES) rmSync(`${folder}/dist`, { recursive: true, force: true });
execFileSync("tsc", ["--build", "--force", "tsconfig.build.json"], { cwd: ROOT, stdio: "inherit" });
for (const { folder, manifest } of PACKAGES) {
  await join(folder, manifest);
  stage(folder, manifest);
}

/**
 * Joins the many small files that tsc gave into few, because each costs a quarter of a millisecond when a service
 * starts. What entries share, and what is imported later, become chunks. The types stay in their files. The code stays as
 * readable as it was, comments apart, so that a stack trace can be followed without source maps.
 */
async function join(folder: string, { exports, imports = {}, bin }: Manifest): Promise<void> {
  const built = (entries: Entries): string[] =>
    Object.values(entries).flatMap((entry) =>
      typeof entry === "string" || entry.default === undefined ? [] : [resolve(folder, entry.default)],
    );
  const entries = built(exports);
  const { "#page": page, ...own } = imports;
  const later = built(own);
  const apart = globSync(`${folder}/dist/**/*.js`);
  const asked = folder.endsWith("/tracing")
    ? ofTracing(`${folder}/dist`, entries, later)
    : ofIndex(`${folder}/dist`, bin === undefined ? [] : loadedLater(apart));
  const { outputFiles } = await build({
    // What a package asks for of its own is loaded by itself, later.
    entryPoints: [...entries, ...later, ...(bin === undefined ? [] : [`${folder}/dist/main.js`])],
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
    // Makes a call of each literal pattern with the flag u: V8 checks a literal where it reads the file, which takes milliseconds
    // where there are classes of Unicode, and a call only where it is made.
    supported: { "regexp-sticky-and-unicode-flags": false },
    write: false,
    plugins: [...(asked.size === 0 ? [] : [askForOthers(asked)]), settled(), withSmallStyle()],
    // An import for its effects only, of a package that says it has none, would be left out.
    ignoreAnnotations: asked.size > 0,
    minify: bin !== undefined,
  });
  const forBrowsers = page === undefined ? [] : await joinForBrowsers(built({ page }));
  for (const file of apart) rmSync(file);
  for (const { path, text } of [...outputFiles, ...forBrowsers]) {
    mkdirSync(dirname(path), { recursive: true });
    if (bin === undefined) refuseWide(path, text);
    writeFileSync(path, bin === undefined ? withBuiltins(text) : await small(withoutUndici(text)));
  }
}

/** A command is fetched by npx each time. A whole file on one line would fill the screen where an error shows its line. */
async function small(text: string): Promise<string> {
  const { code = "" } = await minify(text, {
    module: true,
    ecma: 2022,
    compress: { passes: 5, unsafe_arrows: true },
    format: { max_line_len: 32_000 },
  });
  return code;
}

/** Joins a page's script, which a browser asks for over the network, into one file. */
async function joinForBrowsers(entryPoints: string[]): Promise<OutputFile[]> {
  const [entry = ""] = entryPoints;
  const { outputFiles } = await build({
    entryPoints,
    outdir: dirname(entry),
    bundle: true,
    packages: "external",
    format: "esm",
    target: "es2024",
    minify: true,
    write: false,
  });
  return outputFiles;
}

/**
 * Gets Node's own modules without importing them. An import looks at every export of a module, which loads what stands
 * behind some of them: all three packages start 8 ms sooner without, and hold 9 MB less.
 */
function withBuiltins(text: string): string {
  return text.replaceAll(
    /^import \{ (.+) \} from ("node:[\w/]+");$/gm,
    (_, names: string, builtin) =>
      `const { ${names.replaceAll(" as ", ": ")} } = process.getBuiltinModule(${builtin});`,
  );
}

/** V8 keeps a file that has one character beyond Latin-1 in two bytes for each of its characters, and reads all of them. */
function refuseWide(path: string, text: string): void {
  const wide = /.{0,40}[^\0-\xff]/.exec(text)?.[0];
  if (wide !== undefined)
    throw new Error(`${path} holds a character beyond Latin-1, want it written as \\u…: ${wide}`);
}

/** The same for a command where most of it stands: by `node:http` Node loads all of undici, which takes 10 MB. */
function withoutUndici(text: string): string {
  return text.replaceAll(
    /\bimport\{([^}]+)\}from"node:http";/g,
    (_, names: string) => `const{${names.replaceAll(" as ", ":")}}=process.getBuiltinModule("node:http");`,
  );
}

/** Those of some files that others of them load later, by themselves. */
function loadedLater(files: readonly string[]): string[] {
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(([, name = ""]) =>
      resolve(dirname(file), name),
    ),
  );
}

/** By file, those whose code it is to load too. */
type Asked = ReadonlyMap<string, readonly string[]>;

/** What a command loads later asks for what its index loads. */
function ofIndex(dist: string, later: readonly string[]): Asked {
  return new Map(later.map((file) => [file, [`${dist}/index.js`]]));
}

/**
 * Of tracing, all ask for the helpers, and all but the helpers for what starts tracing. An entry that stands in a room is
 * loaded apart.
 */
function ofTracing(dist: string, entries: readonly string[], later: readonly string[]): Asked {
  const [index = "", opentracing = "", start = ""] = ["index", "opentracing", "start/assemble"].map(
    (name) => `${dist}/${name}.js`,
  );
  const asking = [...entries.filter((entry) => dirname(entry) === dist && entry !== index), ...later];
  const isHelper = (entry: string): boolean => entry === opentracing || entry === start;
  return new Map(asking.map((entry) => [entry, isHelper(entry) ? [index] : [index, start]]));
}

/**
 * Makes files load what others load. Without, each set of files that share something gives a chunk of its own; where they share
 * most of the code, reading a little more of it costs less than reading many files.
 */
function askForOthers(asked: Asked): Plugin {
  return {
    name: "ask for others",
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const others = asked.get(path);
        if (others === undefined) return undefined;
        const imports = others.map((other) => `import ${JSON.stringify(other)};`);
        return { contents: [await readFile(path, "utf8"), ...imports].join("\n") };
      });
    },
  };
}

/**
 * Packs what functions give, as JSON, instead of the functions: they work out where to look for secrets, such as the tokens
 * of hundreds of vendors, from tables that no user can change, and every process would do it again at its start.
 */
function settled(): Plugin {
  return {
    name: "settled",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/](?:vendor-places|packed-tables)\.js$/ }, async ({ path }) => {
        const module = (await import(pathToFileURL(path).href)) as Record<string, () => unknown>;
        const functions = SETTLED[basename(path)] ?? [];
        const packed = functions.map((name) => {
          const json = JSON.stringify(JSON.stringify(module[name]?.()));
          return `export const ${name} = () => JSON.parse(${json});`;
        });
        return { contents: packed.join("\n") };
      });
    },
  };
}

/** Packs a page's style sheet without what only its authors read. */
function withSmallStyle(): Plugin {
  return {
    name: "small style",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]page[\\/]style\.js$/ }, async ({ path }) => {
        const { STYLE } = await import(pathToFileURL(path).href);
        const { code } = await transform(STYLE, { loader: "css", minify: true });
        return { contents: `export const STYLE = ${JSON.stringify(code)};` };
      });
    },
  };
}
