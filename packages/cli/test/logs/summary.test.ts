import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type Change, renderSummary, summarise } from "../../src/index.ts";
import { whodunit } from "../helpers/command.ts";
import { assertGolden } from "../helpers/golden.ts";

const DAILY = readFileSync(new URL("../golden/daily-summary.golden.txt", import.meta.url), "utf8");

/** The lines of a log that gives the operators' table, hidden among debug lines and shuffled. */
function dailyLog(debugLines: number): string[] {
  const lines: string[] = [];
  for (const row of DAILY.split("\n").slice(2)) {
    const [name, count] = row.split(/\s{2,}/);
    for (let i = 0; i < Number(count); i++) {
      lines.push(`{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"${name}","service":"api"}`);
    }
  }
  for (let i = 0; i < debugLines; i++) {
    lines.push(
      `{"level":"debug","time":"2026-11-20T08:47:41.960Z","msg":"api-http-response","duration":${i}}`,
    );
  }
  // A fixed sequence: the same shuffle each run.
  let seed = 1;
  for (let i = lines.length - 1; i > 0; i--) {
    seed = (seed * 48_271) % 2_147_483_647;
    const j = seed % (i + 1);
    [lines[i], lines[j]] = [lines[j]!, lines[i]!];
  }
  return lines;
}

test("whodunit summary prints the operators' own table from a shuffled log of 500,000 lines", async () => {
  const stdin = dailyLog(500_000 - 331).join("\n");
  const { code, stdout, stderr } = await whodunit(["summary", "--name", "anna"], { stdin });
  assert.equal(stdout, DAILY);
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

test("summarise() counts the same whatever the chunks are", async () => {
  const log = Buffer.from(dailyLog(200).join("\r\n"));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(log.length), { maxLength: 40 }), async (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), log.length];
      const chunks = at.slice(1).map((end, i) => log.subarray(at[i], end));
      const summary = await summarise(Readable.from(chunks));
      assert.equal(renderSummary(summary, "anna"), DAILY);
      assert.equal(summary.lines, 531);
    }),
    { numRuns: 50 },
  );
});

test("summarise() counts other loggers' errors and says how many lines are no records", async () => {
  const log = [
    '{"level":50,"time":1763628461960,"msg":"cannot connect"}',
    '{"level":30,"time":1763628461960,"msg":"hello"}',
    '{"severity":"x","msg":"no level"}',
    "plain text",
    '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"cut-off',
    "",
    '{"level":"WARN","ts":1763628461.96,"message":"disk\\u001b[31m  full"}',
  ];
  const summary = await summarise(Readable.from([Buffer.from(log.join("\n"))]));
  assert.deepEqual(
    summary.names.map(({ name, count, firstSeen }) => [name, count, firstSeen]),
    [
      ["cannot connect", 1, "2025-11-20T08:47:41.960Z"],
      ["disk [<*>m full", 1, "2025-11-20T08:47:41.960Z"],
    ],
  );
  assert.equal(summary.lines, 6);
  assert.equal(summary.skipped, 3);
});

test("summarise() leaves out what is before `since`", async () => {
  const line = (time: string) => `{"level":"error","time":"${time}","msg":"api-fail"}\n`;
  const log =
    line("2026-11-20T08:00:00.000Z") + line("2026-11-20T09:00:00.000Z") + line("2026-11-20T10:00:00.000Z");
  const since = new Date("2026-11-20T09:00:00.000Z");
  const { names } = await summarise(Readable.from([Buffer.from(log)]), { since });
  assert.deepEqual(
    names.map(({ count, firstSeen, lastSeen }) => [count, firstSeen, lastSeen]),
    [[2, "2026-11-20T09:00:00.000Z", "2026-11-20T10:00:00.000Z"]],
  );
});

test("summarise() never throws, whatever the bytes are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 })), async (chunks) => {
      const { total } = await summarise(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
      assert.equal(typeof total, "number");
    }),
  );
});

test("whodunit summary names a file that is not there and counts the rest", async () => {
  const { code, stdout, stderr } = await whodunit(["summary", "--name", "x", "/nonexistent.log", "-"], {
    stdin: '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"a-b"}\n',
  });
  assert.equal(code, 3);
  assert.match(stderr, /cannot read \/nonexistent\.log: ENOENT/);
  assert.equal(stdout, "CTRL Daily Summary   x   1\n\na-b  1\n");
});

const error = (name: string, time = "2026-11-20T08:47:41.960Z", more = ""): string =>
  `{"level":"error","time":"${time}","msg":"${name}"${more}}`;

test("whodunit summary reads gzip, Docker's and Kubernetes' wrapping and prefixes, cut lines joined", async () => {
  const long = error("api-long", undefined, `,"text":"${"x".repeat(20_000)}"`);
  const docker = (log: string, stream = "stdout") =>
    JSON.stringify({ log, stream, time: "2026-11-20T08:47:41.960Z" });
  const cri = (flag: "F" | "P", text: string, stream = "stdout") =>
    `2026-11-20T08:47:41.960194802Z ${stream} ${flag} ${text}`;
  const lines = [
    docker(`${error("api-a")}\n`),
    docker(long.slice(0, 16_384)),
    docker(`${error("api-b")}\n`, "stderr"),
    docker(`${long.slice(16_384)}\n`),
    cri("F", error("api-a")),
    cri("P", long.slice(0, 10_000)),
    cri("F", error("api-c"), "stderr"),
    cri("P", long.slice(10_000, 15_000)),
    cri("F", long.slice(15_000)),
    `web-1  | ${error("api-a")}`,
    `[pod/web-7f/web] ${error("api-a")}`,
    docker("a part without an end"),
  ];
  const { code, stdout, stderr } = await whodunit(["summary", "--name", "x", "-"], {
    stdin: gzipSync(lines.join("\n")),
  });
  assert.equal(stdout, "CTRL Daily Summary   x   8\n\napi-a     4\napi-b     1\napi-c     1\napi-long  2\n");
  assert.equal(stderr, "1 of 12 lines are no log records and were skipped\n");
  assert.equal(code, 0);
});

test("whodunit summary gives the right counts of a broken, cut and mixed file, in step with JSON.parse", async (t) => {
  const good = dailyLog(300);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        fc.tuple(fc.nat(good.length - 1), fc.nat(120), fc.constantFrom("cut", "torn", "text", "zero")),
        { maxLength: 60, selector: ([at]) => at },
      ),
      async (harms) => {
        const lines = [...good];
        for (const [at, offset, kind] of harms) {
          const line = lines[at]!;
          if (kind === "cut") lines[at] = line.slice(0, offset);
          else if (kind === "torn") lines[at] = line.slice(0, offset) + error("torn-line");
          else if (kind === "zero") lines[at] = `${line.slice(0, offset + 1)}\0\0${line.slice(offset + 1)}`;
          else lines[at] = "at Object.<anonymous> (app.js:1:1)";
        }
        let expected = 0;
        for (const line of lines) {
          try {
            if (JSON.parse(line).level === "error") expected += 1;
          } catch {
            // Not a record: not counted.
          }
        }
        const summary = await summarise(Readable.from([Buffer.from(lines.join("\n"))]));
        assert.equal(summary.total, expected);
      },
    ),
    { numRuns: 100 },
  );
  t.diagnostic("torn debug lines are told from whole ones by their last byte only");
});

test("whodunit summary adds what the logger throttled", async () => {
  const stdin = `${error("api-storm")}\n${error("api-storm", undefined, ',"repeats":4711')}\n`;
  const { stdout } = await whodunit(["summary", "--name", "x"], { stdin });
  assert.match(stdout, /^api-storm {2}4712$/m);
});

test("whodunit summary shows a tree, wide columns, Markdown and JSON", async () => {
  const stdin = dailyLog(10).join("\n");
  const run = async (...args: string[]) =>
    (await whodunit(["summary", "--name", "anna", ...args], { stdin })).stdout;
  assertGolden("summary-by-scope", await run("--by-scope"));
  assertGolden("summary-markdown", await run("--output", "markdown"));
  assertGolden("summary-wide", (await run("-o", "wide")).replace(/ +$/gm, ""));
  const json = JSON.parse(await run("-o", "json"));
  assert.deepEqual(Object.keys(json), ["name", "total", "names", "lines", "skipped"]);
  assert.deepEqual([json.name, json.total, json.names.length, json.lines], ["anna", 331, 18, 341]);
  assert.deepEqual(json.names[0], {
    name: "api-purchase-fail-maxactivepackets-error",
    count: 1,
    firstSeen: "2026-11-20T08:47:41.960Z",
    lastSeen: "2026-11-20T08:47:41.960Z",
    example:
      '{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"api-purchase-fail-maxactivepackets-error","service":"api"}',
  });
});

test("whodunit summary --compare marks new and gone names and jumps, against JSON or logs", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "whodunit-"));
  t.after(() => rm(folder, { recursive: true }));
  const times = (name: string, n: number) => Array.from({ length: n }, () => error(name));
  const yesterday = [...times("api-gone", 3), ...times("api-jump", 10), ...times("api-same", 5)].join("\n");
  const today = [...times("api-jump", 25), ...times("api-new", 2), ...times("api-same", 6)].join("\n");
  const log = join(folder, "yesterday.log.gz");
  await writeFile(log, gzipSync(yesterday));
  const json = join(folder, "yesterday.json");
  await writeFile(json, (await whodunit(["summary", "-o", "json", log])).stdout);
  for (const file of [log, json]) {
    const { code, stdout } = await whodunit(
      ["summary", "--name", "x", "--compare", file, "--fail-on", "new"],
      { stdin: today },
    );
    assertGolden("summary-compare", stdout);
    assert.equal(code, 1);
  }
  const parts = ["summary", "-o", "json", "--compare", json];
  const { changes } = JSON.parse((await whodunit(parts, { stdin: today })).stdout);
  assert.deepEqual(
    changes.map(({ name, kind, before, now }: Change) => [name, kind, before, now]),
    [
      ["api-gone", "gone", 3, 0],
      ["api-jump", "jump", 10, 25],
      ["api-new", "new", 0, 2],
    ],
  );
});

test("whodunit summary --fail-on count>N looks at each name, and refuses other conditions", async () => {
  const stdin = `${error("api-a")}\n${error("api-a")}\n${error("api-b")}\n`;
  assert.equal((await whodunit(["summary", "--fail-on", "count>2"], { stdin })).code, 0);
  assert.equal((await whodunit(["summary", "--fail-on", "count>1"], { stdin })).code, 1);
  assert.equal((await whodunit(["summary", "--fail-on", "many"], { stdin })).code, 2);
  assert.equal((await whodunit(["summary", "--since", "yesterday"], { stdin })).code, 2);
});

test("whodunit summary bounds what other loggers' texts can fill", async () => {
  const lines = Array.from(
    { length: 12_000 },
    // Letters: numbers would all be of one template.
    (_, i) =>
      `{"level":50,"time":1763628461960,"msg":"failed for ${i.toString(26).replace(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)]!)}"}`,
  );
  const { names, total } = await summarise(Readable.from([Buffer.from(lines.join("\n"))]));
  assert.equal(total, 12_000);
  assert.equal(names.length, 10_001);
  assert.equal(names.find(({ name }) => name === "(other)")?.count, 2_000);
});

test("summarise() cuts a line without an end and goes on with the next", async () => {
  const chunk = Buffer.alloc(1_000_000, 120);
  const chunks = [...Array.from({ length: 20 }, () => chunk), Buffer.from(`\n${error("api-after")}\n`)];
  const summary = await summarise(Readable.from(chunks));
  assert.deepEqual([summary.total, summary.lines, summary.skipped], [1, 2, 1]);
});
