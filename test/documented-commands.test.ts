import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { whodunit } from "../packages/cli/test/helpers/command.ts";
import { ROOT } from "../scripts/packages.ts";
import { commandsOf, DOCUMENTS, isTyped, NOT_TYPED } from "./helpers/documented-commands.ts";

const read = (file: string): string => readFileSync(ROOT + file, "utf8");

/** A command line that a document shows: in code inside a sentence, or a line of a fence. */
const COMMAND = /(?:^|[`$(]\s*|\bnpx )whodunit ([a-z]+)([^`\n]*)/gm;
const OPTION = /(?<=\s)--?[a-z][\w-]*/g;

test("every command and option of whodunit that a document shows is there", async () => {
  const unknown: string[] = [];
  let count = 0;
  for (const file of globSync(DOCUMENTS, { cwd: ROOT })) {
    for (const [line, command = "", rest = ""] of read(file).matchAll(COMMAND)) {
      const { stdout } = await whodunit([command, "--help"]);
      // Of a command that is not there the help is that of all.
      if (!stdout.startsWith(`Usage: whodunit ${command} `)) unknown.push(`${file}: ${line.trim()}`);
      // What stands behind is another program's command line.
      const [own = ""] = rest.split(/ -- | [|&>] /);
      for (const [option] of own.matchAll(OPTION)) {
        count++;
        const isTold = new RegExp(`[\\s,]${option}(?=[\\s,=]|$)`, "m").test(stdout);
        if (!isTold) unknown.push(`${file}: ${line.trim()} (${option})`);
      }
    }
  }
  assert.ok(count > 20, `${count} options are shown`);
  assert.deepEqual(unknown, []);
});

test("every script of npm that a document names is there", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  // What a view runs, behind -- or by name in a file, is of the reader's own project.
  const named = globSync(DOCUMENTS, { cwd: ROOT }).flatMap((file) =>
    [...read(file).matchAll(/(?<!-- |: ")\bnpm run ([\w:]+)/g)].map(([, name = ""]) => ({ file, name })),
  );
  assert.ok(named.length > 20, `${named.length} are named`);
  assert.deepEqual(
    named.filter(({ name }) => !(name in scripts)),
    [],
  );
});

test("every fence of a document says what it is of, for what is typed is run", () => {
  const bare = globSync(DOCUMENTS, { cwd: ROOT }).flatMap((file) => {
    const marks = [...read(file).matchAll(/^ *```(\w*)/gm)].map(([, kind]) => kind);
    return marks.filter((kind, index) => index % 2 === 0 && kind === "").map(() => file);
  });
  assert.deepEqual(bare, []);
});

test("every command line of a document's fences is typed by a test, or stands among those that are not, for a reason", () => {
  const tests = globSync(["test/**/*.{test,chains}.ts", "packages/*/test/**/*.test.ts"], { cwd: ROOT });
  const walked = tests.flatMap((file) =>
    [...read(file).matchAll(/\bwalk\(\s*t,\s*["`]([^"`]+)["`]/g)].map(
      // A walk through one document of each folder.
      ([, document = ""]) => new RegExp(`^${document.replaceAll(/\$\{\w+\}/g, "[\\w-]+")}$`),
    ),
  );
  const told = globSync(DOCUMENTS, { cwd: ROOT }).flatMap((file) =>
    commandsOf(file).map((command) => ({ file, command })),
  );
  assert.ok(told.length > 80, `${told.length} are told`);
  // That a walk leaves none out, it sees for itself.
  const typed = new Set(
    told.flatMap(({ file, command }) =>
      walked.some((document) => document.test(file)) ? [command.text] : [],
    ),
  );
  const untyped = told.filter(({ command }) => isTyped(command) && !typed.has(command.text));
  assert.deepEqual(
    untyped.map(({ file, command }) => `${file}: ${command.text}`),
    [],
  );
  for (const { command, why } of NOT_TYPED)
    assert.ok(
      told.some(({ command: { text } }) => command.test(text)),
      `no document tells ${command}, of which is said: ${why}`,
    );
});
