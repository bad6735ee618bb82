import { posix } from "node:path";
import type { Project, Source } from "./project.ts";
import { endOfStatement } from "./syntax.ts";

/** How a source is written, and what is added is to be written too. */
export interface Style {
  readonly quote: '"' | "'";
  /** `;` or nothing. */
  readonly end: string;
  readonly newline: "\n" | "\r\n";
  /** One level. */
  readonly indent: string;
  /** By `import`; otherwise by `require()`. */
  readonly imports: boolean;
}

/** Looks at a source's own statements. */
export function styleOf(source: Source, { manifest }: Project): Style {
  const { text, program, path } = source;
  const strings = text.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g) ?? [];
  const single = strings.filter((one) => one.startsWith("'")).length;
  const simple = program.body.filter(({ type }) =>
    /^(?:ImportDeclaration|VariableDeclaration|ExpressionStatement|TSImportEqualsDeclaration)$/.test(type),
  );
  const ended = simple.filter((statement) =>
    /;$/.test(text.slice(0, endOfStatement(statement, source))),
  ).length;
  const hasImports = program.body.some(({ type }) => /^(?:Import|Export|TSImport)/.test(type));
  const module = /\.m[jt]s$/.test(path) || (!/\.c[jt]s$/.test(path) && manifest.type === "module");
  return {
    quote: single * 2 > strings.length ? "'" : '"',
    end: ended * 2 >= simple.length ? ";" : "",
    newline: (text.match(/\r\n/g)?.length ?? 0) * 2 > (text.match(/\n/g)?.length ?? 0) ? "\r\n" : "\n",
    indent: indentOf(text),
    imports: hasImports || module || /\.[cm]?tsx?$/.test(path),
  };
}

/** One level, as most indented lines begin that follow a line which opens a block or list. */
export function indentOf(text: string): string {
  const first = /[{[(]\r?\n([\t ]+)\S/.exec(text)?.[1];
  if (first === undefined) return "  ";
  return first.startsWith("\t") ? "\t" : " ".repeat(Math.min(first.length, 8));
}

/** An import, in the source's own way. */
export function importLine(names: readonly string[], from: string, { quote, end, imports }: Style): string {
  const listed = `{ ${names.join(", ")} }`;
  return imports
    ? `import ${listed} from ${quote}${from}${quote}${end}`
    : `const ${listed.replaceAll(" as ", ": ")} = require(${quote}${from}${quote})${end}`;
}

/** How `from` names another source of its project: with the ending that the project's own imports have, or without. */
export function relativeImport(from: string, to: string, project: Project): string {
  const relative = posix.relative(posix.dirname(from), to);
  const path = relative.startsWith(".") ? relative : `./${relative}`;
  const bare = path.replace(/\.[cm]?[jt]sx?$/, "");
  const ending = path.slice(bare.length);
  const own = project.sources.get(from);
  const used =
    (own && endingUsed([own])) ?? endingUsed(project.sources.values()) ?? endingWanted(from, project);
  if (used === "written") return path;
  if (used === "compiled") return bare + ending.replace("ts", "js");
  // What Node finds without its ending is .js alone, and only by require().
  return /^\.[cm]/.test(ending) ? bare + ending.replace("ts", "js") : bare.replace(/\/index$/, "");
}

/** `written`: as the file is called; `compiled`: as it will be called; `none`: without. */
type Ending = "written" | "compiled" | "none";

function endingUsed(sources: Iterable<Source>): Ending | undefined {
  for (const { imported, path } of sources) {
    for (const { module } of imported.values()) {
      if (!/^\.{1,2}\//.test(module) || /\.json$/.test(module)) continue;
      const ending = /\.[cm]?[jt]sx?$/.exec(module)?.[0];
      if (ending === undefined) return "none";
      return ending.includes("js") && /\.[cm]?tsx?$/.test(path) ? "compiled" : "written";
    }
  }
  return undefined;
}

function endingWanted(from: string, { manifest }: Project): Ending {
  if (/\.[cm]?tsx?$/.test(from))
    return manifest.type === "module" || /\.mts$/.test(from) ? "compiled" : "none";
  return manifest.type === "module" || /\.mjs$/.test(from) ? "written" : "none";
}
