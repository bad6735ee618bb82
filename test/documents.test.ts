import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
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

/** A heading's anchor, as GitHub makes it: lower case, no punctuation, a hyphen for each space. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

/** The lines of a document that are no code. */
const prose = (markdown: string): string => markdown.replaceAll(/^(`{3,})[^\n]*\n.*?^\1$/gms, "");

const anchorsOf = (markdown: string): string[] =>
  [...prose(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading.trim()));

const readmeOf = (path: string): string =>
  statSync(join(ROOT, path)).isDirectory() ? join(path, "README.md") : path;

test("no link of a document is dead: a file or folder is there, a heading too, and an address outside is an https URL", () => {
  const documents = globSync(
    ["*.md", "docs/**/*.md", "packages/*/*.md", "examples/**/*.md", "benchmarks/*.md"],
    {
      cwd: ROOT,
      exclude: (path) => path.includes("node_modules"),
    },
  );
  const dead: string[] = [];
  let count = 0;
  for (const document of documents) {
    for (const [, link = ""] of prose(text(document)).matchAll(/\]\(([^()\s]+)(?: "[^"]*")?\)/g)) {
      count++;
      if (/^[a-z]+:/.test(link)) {
        if (!link.startsWith("https://") || !URL.canParse(link)) dead.push(`${document}: ${link}`);
        continue;
      }
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : join(dirname(document), decodeURIComponent(path));
      if (!existsSync(join(ROOT, target))) dead.push(`${document}: ${link}`);
      // Of a folder its README is shown.
      else if (anchor !== undefined && !anchorsOf(text(readmeOf(target))).includes(anchor))
        dead.push(`${document}: ${link} has no such heading`);
    }
  }
  assert.ok(count > 50, `${count} links are found`);
  assert.deepEqual(dead, []);
});
