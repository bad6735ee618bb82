import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { isFull, runs } from "../../../../test/helpers/scale.ts";
import type { NameCount, Summary } from "../../src/index.ts";
import { whodunit } from "../helpers/command.ts";

const TIME = Date.parse("2026-11-20T08:00:00.000Z");

const error = (name: string, seconds: number, repeats = 1): string =>
  JSON.stringify({
    level: "error",
    time: new Date(TIME + seconds * 1_000).toISOString(),
    msg: name,
    ...(repeats > 1 ? { repeats } : {}),
  });

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "whodunit-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const summaryOf = async (lines: readonly string[], name: string): Promise<string> =>
  (await whodunit(["summary", "-o", "json", "--name", name], { stdin: `${lines.join("\n")}\n` })).stdout;

/** Without the examples: which line is a name's first depends on the order of the files. */
const figures = ({ total, names, lines, skipped }: Summary) => ({
  total,
  lines,
  skipped,
  names: names.map(({ example: _, ...rest }: NameCount) => rest),
});

test("the summaries of many nodes add up to the summary of all their logs", async (t) => {
  const folder = await folderOf(t);
  const lineOf = fc.oneof(
    fc.tuple(
      fc.constantFrom("api-fail", "api-sync-fail", "web-unnamed"),
      fc.nat(86_400),
      fc.integer({ min: 1, max: 500 }),
    ),
    fc.constant(null),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(lineOf, { maxLength: 20 }), { minLength: 1, maxLength: 6 }),
      async (nodes) => {
        const logs = nodes.map((lines) =>
          lines.map((line) => (line === null ? "no record" : error(...line))),
        );
        const files = await Promise.all(
          logs.map(async (lines, i) => {
            const text = await summaryOf(lines, `node-${i}`);
            const [file, written] = [
              [join(folder, `${i}.json`), text],
              [join(folder, `${i}.json.gz`), gzipSync(text)],
              [join(folder, `${i}.txt`), JSON.stringify(JSON.parse(text))],
            ][i % 3] as [string, string | Buffer];
            await writeFile(file, written);
            return file;
          }),
        );
        const added = await whodunit(["summary", "-o", "json", ...files]);
        assert.equal(added.code, 0, added.stderr);
        assert.deepEqual(
          figures(JSON.parse(added.stdout)),
          figures(JSON.parse(await summaryOf(logs.flat(), "all"))),
        );
      },
    ),
    { numRuns: runs(100) },
  );
});

test("a thousand summaries of ten thousand lines each add up, one read after the other", async (t) => {
  const folder = await folderOf(t);
  const nodes = isFull ? 1_000 : 100;
  const names = Array.from({ length: 200 }, (_, i) => ({
    name: `api-fail-${i}`,
    count: 50,
    firstSeen: new Date(TIME + i).toISOString(),
    lastSeen: new Date(TIME + i + 1_000).toISOString(),
    example: error("api-fail", i).padEnd(1_024, "."),
  }));
  const files: string[] = [];
  for (let i = 0; i < nodes; i++) {
    const file = join(folder, `node-${i}.json`);
    await writeFile(
      file,
      JSON.stringify({ name: `node-${i}`, total: 10_000, names, lines: 10_000, skipped: 0 }, null, 2),
    );
    files.push(file);
  }
  const { code, stdout } = await whodunit(["summary", ...files]);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^CTRL Daily Summary {3}${nodes} summaries {3}${nodes * 10_000}\n`));
  assert.match(stdout, new RegExp(`^api-fail-0 +${nodes * 50}$`, "m"));
});

test("summaries and logs stand side by side, from stdin one summary after the other, and against what was before", async (t) => {
  const folder = await folderOf(t);
  const [json, log, before] = ["a.json", "b.log", "before.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const a = await summaryOf([error("api-a", 1)], "anna");
  await writeFile(json, a);
  await writeFile(log, `${error("api-a", 2)}\n${error("api-b", 3)}\n`);
  await writeFile(before, await summaryOf([error("api-gone", 1)], "anna"));
  assert.equal(
    (await whodunit(["summary", "--name", "x", json, log])).stdout,
    "CTRL Daily Summary   x   3\n\napi-a  2\napi-b  1\n",
  );
  // Each as it was written, and as a tool makes it one line.
  const piped = await whodunit(["summary"], { stdin: `${a}${a}${JSON.stringify(JSON.parse(a))}\n` });
  assert.equal(piped.stdout, "CTRL Daily Summary   3 summaries   3\n\napi-a  3\n");
  const alone = await whodunit(["summary", "--compare", before, "--fail-on", "new", json]);
  assert.deepEqual(
    [alone.code, alone.stdout],
    [1, "CTRL Daily Summary   anna   1\n\napi-a     1  new\napi-gone  0  gone, was 1\n"],
  );
});

test("what is no summary is refused by its file's name, with exit code 3, and the others are counted", async (t) => {
  const folder = await folderOf(t);
  const good = join(folder, "good.json");
  const text = await summaryOf([error("api-a", 1)], "anna");
  await writeFile(good, text);
  const name = (member: object) => JSON.stringify({ names: [{ name: "api-a", count: 1, ...member }] });
  const wrong: [file: string, content: string, said: RegExp][] = [
    ["cut.json", text.slice(0, -20), /it is cut or no JSON/],
    ["cut.txt", text.slice(0, 60), /it is cut or no JSON/],
    ["package.json", '{\n  "name": "web",\n  "version": "1.0.0"\n}\n', /it has no names/],
    ["package-in-one-line.json", '{"name":"web","version":"1.0.0"}', /it has no names/],
    ["list.json", "[1, 2]", /it has no names/],
    ["negative.json", name({ count: -1 }), /names\[0\]\.count is no count/],
    ["half.json", name({ count: 0.5 }), /names\[0\]\.count is no count/],
    ["nameless.json", '{"names":[{"count":1}]}', /names\[0\] has no name/],
    ["timeless.json", name({ firstSeen: "yesterday" }), /names\[0\] was first or last seen at no time/],
    ["second.json", `${text}{\n  "lines": 1\n}\n`, /it has no names/],
  ];
  for (const [file, content, said] of wrong) {
    await writeFile(join(folder, file), content);
    const { code, stdout, stderr } = await whodunit(["summary", good, join(folder, file)]);
    assert.deepEqual([code, stdout], [3, "CTRL Daily Summary   anna   1\n\napi-a  1\n"], file);
    assert.ok(stderr.startsWith(`whodunit: cannot read ${join(folder, file)}: it is no summary: `), stderr);
    assert.match(stderr, said);
  }
  const since = await whodunit(["summary", "--since", "10m", good]);
  assert.equal(since.code, 3);
  assert.match(since.stderr, /good\.json: it is a summary, whose lines --since cannot tell apart/);
});

test("a log is a log whatever its file is called and its lines hold", async (t) => {
  const folder = await folderOf(t);
  const lines = [error("api-a", 1), '{"level":"error","msg":"api-b","names":[1]}', "text"];
  for (const first of [0, 1]) {
    const file = join(folder, `${first}.json`);
    await writeFile(file, [...lines.slice(first), ...lines.slice(0, first)].join("\n"));
    const { code, stdout } = await whodunit(["summary", "--name", "x", file]);
    assert.deepEqual([code, stdout], [0, "CTRL Daily Summary   x   2\n\napi-a  1\napi-b  1\n"]);
  }
});
