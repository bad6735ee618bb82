import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { renderSummary, summarise } from "../src/index.ts";
import { whodunit } from "./helpers/command.ts";

const DAILY = readFileSync(new URL("golden/daily-summary.golden.txt", import.meta.url), "utf8");

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
      ["disk [31m full", 1, "2025-11-20T08:47:41.960Z"],
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
