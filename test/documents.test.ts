import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../scripts/packages.ts";

const PACKAGES = ["redaction", "core", "logger", "health", "tracing", "cli"];
const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const quoted = (markdown: string): string[] =>
  [...markdown.matchAll(/`([\w./-]+(?:\.ts|\.yml|\.md|\/))`/g)].map(([, path = ""]) => path);

for (const name of PACKAGES) {
  const rooms = text("ARCHITECTURE.md").split(`\n### ${name}\n`)[1]?.split(/\n##/)[0] ?? "";
  const src = join(ROOT, `packages/${name}/src`);

  test(`ARCHITECTURE.md tells every room of ${name}, and no file or room that is not there`, () => {
    const told = quoted(rooms);
    for (const path of told)
      assert.ok(existsSync(join(src, path)), `packages/${name}/src/${path} is not there`);
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const untold = folders.map((folder) => `${folder.name}/`).filter((folder) => !told.includes(folder));
    assert.deepEqual(untold, []);
  });
}

test("the travellers of ARCHITECTURE.md pass through files that are there", () => {
  const travellers = text("ARCHITECTURE.md").split("\n## Three travellers\n")[1]?.split("\n## ")[0] ?? "";
  const told = quoted(travellers);
  assert.ok(told.length > 20, `${told.length} files are told`);
  for (const path of told) {
    const [name, ...rest] = path.split("/");
    assert.ok(existsSync(join(ROOT, "packages", name ?? "", "src", ...rest)), `${path} is not there`);
  }
});

test("the files and folders that CONTRIBUTING.md names are there", () => {
  const told = quoted(text("CONTRIBUTING.md")).filter((path) =>
    /^(?:packages|test|\.github|scripts)\//.test(path),
  );
  assert.ok(told.length > 15, `${told.length} are told`);
  for (const path of told) assert.ok(existsSync(join(ROOT, path)), `${path} is not there`);
});
