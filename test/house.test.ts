import assert from "node:assert/strict";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PACKAGES, ROOT } from "../scripts/packages.ts";
import { circlesOf, importGraph } from "./helpers/import-graph.ts";

const ENTRIES_MAX = 18;
const LINES_MAX = 300;
// OpenTracing's own: a span knows its tracer, a tracer makes spans.
const CIRCLES: Readonly<Record<string, string[][]>> = {
  "@whodunit/tracing": [["opentracing/span.ts", "opentracing/tracer.ts"]],
};

for (const { folder, manifest } of PACKAGES) {
  test(`the sources of ${manifest.name} import in no circle but those that are known`, () => {
    const graph = importGraph(`${folder}/src`);
    for (const [file, imports] of graph) {
      for (const path of imports) {
        const known = graph.has(path) || globSync(path, { cwd: `${folder}/src` }).length > 0;
        assert.ok(known, `${file} imports ${path}, which is no source`);
      }
    }
    assert.deepEqual(circlesOf(graph), CIRCLES[manifest.name] ?? []);
  });

  test(`the sources of ${manifest.name} stand in at most ${ENTRIES_MAX} entries at the top`, () => {
    const entries = readdirSync(`${folder}/src`);
    assert.ok(entries.length <= ENTRIES_MAX, `${entries.length}: ${entries.join(" ")}`);
  });
}

test(`a source over ${LINES_MAX} lines says in its first line why it is one file`, () => {
  const long = globSync("packages/*/src/**/*.{ts,cts,cjs,css,js}", { cwd: ROOT }).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const lines = text.split("\n").length - 1;
    return lines > LINES_MAX && !/^(?:\/\/|\/\*\*?) Over 300 lines: \S/.test(text)
      ? [`${file}: ${lines}`]
      : [];
  });
  assert.deepEqual(long, []);
});

test("circlesOf finds a circle through three files, one through a type, a later import and a file that imports itself", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-circles-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "room"));
  const files = {
    "a.ts": 'import { b } from "./room/b.ts";\nexport const a = b;',
    "room/b.ts": 'export { c as b } from "../c.ts";',
    "c.ts": 'import type { A } from "./a.ts";\nexport type C = A;',
    "late.ts": 'export const late = () => import("./room/d.ts");',
    "room/d.ts": 'import {\n  late,\n} from "../late.ts";\nlate();',
    "self.ts": 'export * from "./self.ts";',
    "alone.ts": '/** import { a } from "./free.ts"; */\n// import "./free.ts";\nimport "./a.ts";',
    "free.ts": 'import "./alone.ts";',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const circles = circlesOf(importGraph(folder)).toSorted();
  assert.deepEqual(circles, [["a.ts", "c.ts", "room/b.ts"], ["late.ts", "room/d.ts"], ["self.ts"]]);
});
