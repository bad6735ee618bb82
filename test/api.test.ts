import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { API_FOLDER, apiReports } from "../scripts/api.ts";
import { Entry } from "../scripts/declarations.ts";

test("the types that each entry gives are those of its report in api; `npm run api` writes them", () => {
  const reports = apiReports();
  assert.deepEqual(readdirSync(API_FOLDER).toSorted(), [...reports.keys()].toSorted());
  for (const [report, text] of reports)
    assert.equal(text, readFileSync(join(API_FOLDER, report), "utf8"), `${report} is another; npm run api`);
});

test("a report shows what is handed out through other files, and what that is made of, and nothing else", (t) => {
  const entry = entryOf(t, {
    "index.d.ts":
      'export { make, type Options as MakeOptions } from "./room/make.js";\nexport * from "./all.js";\n',
    "all.d.ts": "export declare const LIMIT = 7;\n",
    "room/make.d.ts":
      'import type { Pino } from "pino";\nimport { Inner } from "./inner.js";\nexport interface Options {\n    readonly level: Level;\n    readonly pino?: Pino;\n}\ntype Level = "debug" | "error";\nexport declare class Unused {\n}\nexport declare function make(options: Options): Inner;\nexport declare function make(): Inner;\n',
    "room/inner.d.ts":
      "export declare class Inner {\n    #private;\n    deep: Deep;\n}\nexport interface Deep {\n}\n",
  });
  assert.deepEqual(entry.text.trimEnd().split("\n"), [
    'import { Pino } from "pino";',
    "declare class Inner {}",
    "export declare const LIMIT = 7;",
    "export declare function make(options: Options): Inner;",
    "export declare function make(): Inner;",
    "export interface Options {",
    "    readonly level: Level;",
    "    readonly pino?: Pino;",
    "}",
    'type Level = "debug" | "error";',
    "export { Options as MakeOptions };",
  ]);
});

for (const [what, before, after] of [
  ["a member", "export interface A {\n    b: 1;\n}\n", "export interface A {\n}\n"],
  ["a type behind another", "type B = 1;\nexport type A = B[];\n", "type B = 2;\nexport type A = B[];\n"],
  ["a name", "export type A = 1;\n", "export type A = 1;\nexport type C = 1;\n"],
] as const) {
  test(`a report changes with ${what}`, (t) => {
    const texts = [before, after].map((text) => entryOf(t, { "index.d.ts": text }).text);
    assert.notEqual(texts[0], texts[1]);
  });
}

function entryOf(t: TestContext, files: Readonly<Record<string, string>>): Entry {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-entry-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "room"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return new Entry(join(folder, "index.d.ts"));
}
