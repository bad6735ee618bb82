import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What each file imports of the same folder's files: paths relative to that folder. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const SPECIFIER = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** Reads the imports of a folder's sources: of values and of types, at the start and later. */
export function importGraph(folder: string): ImportGraph {
  const files = globSync("**/*.{ts,cts,cjs}", { cwd: folder });
  return new Map(
    files.map((file) => {
      const text = withoutComments(readFileSync(join(folder, file), "utf8"));
      return [file, [...text.matchAll(SPECIFIER)].map(([, path = ""]) => join(dirname(file), path))];
    }),
  );
}

/** The groups of files that reach one another, each sorted: strongly connected components (Tarjan 1972). */
export function circlesOf(graph: ImportGraph): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    const own = index.size;
    index.set(file, own);
    low.set(file, own);
    open.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (open.includes(next)) low.set(file, Math.min(low.get(file) ?? own, low.get(next) ?? own));
    }
    if (low.get(file) !== own) return;
    const circle = open.splice(open.indexOf(file)).sort();
    if (circle.length > 1 || graph.get(file)?.includes(file)) circles.push(circle);
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return circles;
}

// Documentation shows imports, too.
const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
