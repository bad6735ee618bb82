import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { fences, linesOf, page, runProgram } from "./helpers/documented-program.ts";
import { until } from "./helpers/until.ts";
import { walk } from "./helpers/walk.ts";

const PAGE = page("getting-started.md");
const PROGRAMS = fences(PAGE, "js").filter((program) => program.startsWith("// "));
const LINES = linesOf(fences(PAGE, "json")[0]!.trim().split("\n"));

test("docs/getting-started.md has the programs of both frameworks in both module systems", () => {
  assert.deepEqual(
    PROGRAMS.map((program) => program.split("\n")[0]),
    ["// server.mjs", "// server.cjs", "// server.mjs", "// server.cjs"],
  );
});

for (const [index, program] of PROGRAMS.entries()) {
  test(`program ${index + 1} of docs/getting-started.md answers and writes what the page shows`, async (t) => {
    const service = runProgram(t, program);
    const url = await service.url;
    const places = { "http://localhost:8080": url, "localhost:8080": new URL(url).host };
    await walk(t, "docs/getting-started.md", { places }, async (typed) => {
      const status = async (): Promise<string> => (await fetch(`${url}/health/status`)).text();
      await until(async () => !(await status()).includes("STARTING"), "the probe has run");
      await typed.type(/^curl .*hello/);
      await typed.type(/^curl .*health/);
      await typed.type(/whodunit stat/);
      await typed.type(/whodunit investigate/);
    });
    const written = (): string[] => service.lines.filter((line) => /"web-(?:http-response|hello)/.test(line));
    await until(() => written().length >= LINES.length, "its lines");
    assert.deepEqual(linesOf(written().slice(0, LINES.length)), LINES);
    service.process.kill("SIGTERM");
    assert.deepEqual(await once(service.process, "exit"), [0, null]);
  });
}
