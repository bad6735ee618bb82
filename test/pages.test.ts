import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createDebugToken, verifyDebugToken } from "@whodunit/core";
import { whodunit } from "../packages/cli/test/helpers/command.ts";
import { ROOT } from "../scripts/packages.ts";
import { fences, linesOf, page, runProgram } from "./helpers/documented-program.ts";
import { until } from "./helpers/until.ts";
import { walk } from "./helpers/walk.ts";

const SECRET = "a secret of the pages' own test";
// Programs of pages run as they stand, by the sources of the packages.
const SOURCES = { NODE_OPTIONS: "--conditions=@whodunit/source --disable-warning=ExperimentalWarning" };
const withoutTimes = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");

/** A folder in the tree, so that the packages are found from it. */
function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  mkdirSync(`${ROOT}test/tmp`, { recursive: true });
  const folder = mkdtempSync(`${ROOT}test/tmp/page-`);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const parsed = (text: string): object[] => linesOf(text.trim().split("\n"));

test("docs/levels.md: the program writes debug lines of a failed request, of a part by the command, and of one by a header", async (t) => {
  const text = page("levels.md");
  const [program = ""] = fences(text, "js");
  const [failed = "", changed = ""] = fences(text, "json");
  const service = runProgram(t, program, { WHODUNIT_DEBUG_SECRET: SECRET });
  const url = await service.url;
  assert.equal(await (await fetch(url)).text(), "ok\n");
  assert.deepEqual(service.lines, []);

  await fetch(`${url}/broken`);
  await until(() => service.lines.length === 2, "the failed request's lines");
  assert.deepEqual(linesOf(service.lines), parsed(failed));

  const [table = ""] = fences(text, "text");
  await walk(t, "docs/levels.md", { places: { "http://localhost:3000": url } }, async (typed) => {
    const { stdout } = await typed.type(/^whodunit level /);
    assert.equal(withoutTimes(stdout), withoutTimes(table));
  });
  await fetch(url);
  await until(() => service.lines.length === 4, "the change and the debug line");
  const [told = "", priced = ""] = service.lines.slice(2);
  assert.deepEqual(
    linesOf([told.replace(/from [^"]*/, "from ADDRESS")]),
    parsed(changed.replace(/from [^"]*/, "from ADDRESS")),
  );
  assert.match(priced, /"msg":"shop-cart-priced"/);
  const { code } = await whodunit(["level", url, "shop-cart", "default"]);
  assert.equal(code, 0);

  await fetch(url, { headers: { "whodunit-debug": createDebugToken(SECRET) } });
  await until(() => service.lines.length === 7, "the change back, and the lines of the debugged request");
  assert.deepEqual(
    service.lines.slice(5).map((line) => JSON.parse(line).msg),
    ["shop-cart-priced", "shop-http-response"],
  );
});

test("docs/privacy.md: the program writes what the page shows", async (t) => {
  const text = page("privacy.md");
  const service = runProgram(t, fences(text, "js")[0]!);
  await once(service.process, "close");
  assert.deepEqual(linesOf(service.lines), parsed(fences(text, "json")[0]!));
});

test("docs/probes.md: the program answers what the page shows", async (t) => {
  const text = page("probes.md");
  const service = runProgram(t, fences(text, "js")[0]!);
  const url = await service.url;
  const [status = "", ready = ""] = fences(text, "json");
  const lines = (entries: string): string[] =>
    (JSON.parse(entries) as object[]).map((entry) => JSON.stringify(entry));
  const entries = async (): Promise<string[]> => lines(await (await fetch(`${url}/health/status`)).text());
  await until(async () => !(await entries()).some((entry) => entry.includes("STARTING")), "all probes ran");
  await walk(t, "docs/probes.md", { places: { "http://localhost:3000": url } }, async (typed) => {
    const { stdout } = await typed.type(/status$/);
    assert.deepEqual(linesOf(lines(stdout)), linesOf(lines(status)));
    await until(async () => (await fetch(`${url}/health/status`)).status === 503, "two runs that failed");
    assert.deepEqual(JSON.parse((await typed.type(/ready$/)).stdout), JSON.parse(ready));
  });
});

test("packages/core/README.md: the first program answers and ends in order, and the second prints a token that is taken", async (t) => {
  const [server = "", token = ""] = fences(page("packages/core/README.md"), "js");
  const service = runProgram(t, server);
  const url = await service.url;
  assert.equal(await (await fetch(url)).text(), "ok\n");

  const folder = folderWith(t, { "debug-token.mjs": token });
  const options = { cwd: folder, places: { "http://localhost:8080": url }, env: SOURCES };
  await walk(t, "packages/core/README.md", options, async (typed) => {
    await typed.type(/^export /);
    assert.equal((await typed.type(/^curl /)).stdout, "ok\n");
  });
  const env = { ...process.env, ...SOURCES, WHODUNIT_DEBUG_SECRET: SECRET };
  const printed = execFileSync(process.execPath, ["debug-token.mjs"], { cwd: folder, env, encoding: "utf8" });
  assert.equal(verifyDebugToken(SECRET, printed.trim()), true);

  service.process.kill("SIGTERM");
  assert.deepEqual(await once(service.process, "close"), [0, null]);
  assert.deepEqual(service.lines, ["all requests are answered"]);
});

test("packages/tracing/README.md: a program is run with the hooks for ES modules, and bundled by esbuild", async (t) => {
  const program = `
    import { startTracing, withSpan } from "@whodunit/tracing";
    const tracing = startTracing({ service: "shop", exporters: [] });
    withSpan("load-cart", () => console.log("loaded"));
    await tracing.close();
  `;
  const folder = folderWith(t, {
    "package.json": '{ "type": "module" }',
    "app.js": program,
    "app.ts": program,
  });
  // What is built the command finds by itself.
  const places = { "--bundle": "--bundle --conditions=@whodunit/source --log-level=warning" };
  await walk(t, "packages/tracing/README.md", { cwd: folder, env: SOURCES, places }, async (typed) => {
    assert.equal((await typed.type(/^node --import @whodunit\/tracing\/register /)).stdout, "loaded\n");
    await typed.type(/^esbuild app\.ts /);
  });
  assert.equal(execFileSync(process.execPath, [join(folder, "app.mjs")], { encoding: "utf8" }), "loaded\n");
});
