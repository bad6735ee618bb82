import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Line, Span } from "../../src/index.ts";
import { findLines, linesAround } from "../../src/view/store/find-lines.ts";
import { getTrace, listTraces } from "../../src/view/store/find-traces.ts";
import { overTime } from "../../src/view/store/over-time.ts";
import { Telemetry } from "../../src/view/store/telemetry.ts";

const MAX_BYTES = 8_388_608;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-store-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const open = (folder: string, more: object = {}): Telemetry =>
  new Telemetry({
    folder,
    lasting: true,
    maxBytes: MAX_BYTES,
    maxAgeMs: 604_800_000,
    tell: () => {},
    ...more,
  });

const trace = (id: number, error: boolean): Span => ({
  traceId: id.toString(16).padStart(32, "0"),
  spanId: "0000000000000001",
  parentSpanId: null,
  service: "web",
  name: "GET /",
  kind: "server",
  startMs: Date.now() - 60_000 + id,
  durationMs: 1,
  error,
  message: "",
  attributes: { text: `${"x".repeat(1_000)} ${id}` },
  events: [],
});

const line = (id: number, failed: boolean): Line => ({
  timeMs: Date.now() - 60_000 + id,
  service: "web",
  level: failed ? "error" : "debug",
  failed,
  name: "web-vote",
  text: "web-vote",
  traceId: null,
  spanId: null,
  count: 1,
  fields: { number: id, filler: "y".repeat(1_000) },
});

test("Telemetry keeps within its bytes: what is old goes first, failures last, and counts of minutes stay right", (t) => {
  const telemetry = open(folderOf(t));
  t.after(() => telemetry.close());
  const sent = 12_000;
  for (let id = 1; id <= sent; id++) telemetry.add([trace(id, id <= 10)], [line(id, id <= 10)]);
  telemetry.write();
  const { bytes, received, spans, evicted, dropped } = telemetry.counts();
  assert.ok(bytes <= MAX_BYTES * 1.25, `${bytes} bytes`);
  assert.deepEqual([received, spans + evicted, dropped], [sent, sent, 0]);
  const segments = telemetry.folder.newestFirst;
  assert.ok(spans > 500 && spans < sent, String(spans));
  assert.deepEqual(
    listTraces(segments, { error: true }).map(({ traceId }) => Number.parseInt(traceId, 16)),
    [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
  );
  assert.equal(getTrace(segments, trace(11, false).traceId), null, "the oldest that was well has gone");
  assert.deepEqual(
    findLines(segments, { level: "error" }).map(({ fields }) => fields.number),
    [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
  );
  const points = overTime(segments, {
    fromMs: Date.now() - 600_000,
    toMs: Date.now() + 60_000,
    stepMinutes: 1,
  });
  assert.equal(
    points.reduce((sum, { requests }) => sum + requests, 0),
    sent,
  );
  assert.equal(
    points.reduce((sum, { failures }) => sum + failures, 0),
    10,
  );

  for (let id = sent + 1; id <= 2 * sent; id++) telemetry.add([trace(id, true)], []);
  telemetry.write();
  assert.ok(telemetry.counts().bytes <= MAX_BYTES * 1.25, "failures have a bound, too");
  assert.equal(getTrace(telemetry.folder.newestFirst, trace(1, true).traceId), null);
});

test("Telemetry keeps within its bytes however much comes at once", (t) => {
  const telemetry = open(folderOf(t));
  t.after(() => telemetry.close());
  telemetry.add([trace(1, false)], [line(1, false)]);
  telemetry.write();
  const large = "z".repeat(100_000);
  const spans = Array.from({ length: 150 }, (_, i) => ({
    ...trace(2 + i, false),
    attributes: { large: `${large}${i}` },
  }));
  const lines = Array.from({ length: 150 }, (_, i) => ({
    ...line(2 + i, false),
    fields: { large: `${large}${i}` },
  }));
  telemetry.add(spans, []);
  telemetry.write();
  assert.ok(telemetry.counts().bytes <= MAX_BYTES * 1.25, `${telemetry.counts().bytes} bytes of spans`);
  assert.equal(getTrace(telemetry.folder.newestFirst, trace(1, false).traceId), null, "the oldest has gone");
  telemetry.add([], lines);
  telemetry.write();
  assert.ok(telemetry.counts().bytes <= MAX_BYTES * 1.25, `${telemetry.counts().bytes} bytes of lines`);
});

test("Telemetry reads again what an earlier one wrote, and lets nobody else in meanwhile", (t) => {
  const folder = folderOf(t);
  const first = open(folder);
  first.add([trace(1, true)], [line(1, true)]);
  assert.throws(() => open(folder), /cannot keep data in .*: another whodunit view has it in use/);
  first.close();
  const second = open(folder);
  t.after(() => second.close());
  const { spans, lines, traces } = second.counts();
  assert.deepEqual([spans, lines, traces], [1, 1, 1]);
  assert.equal(findLines(second.folder.newestFirst, { search: "number:1" }).length, 1);
});

test("Telemetry lets go what is older than it may get", (t) => {
  const folder = folderOf(t);
  const telemetry = open(folder, { maxAgeMs: 60_000 });
  t.after(() => telemetry.close());
  for (let id = 1; id <= 3_000; id++) telemetry.add([trace(id, id === 1)], []);
  telemetry.write();
  const before = telemetry.counts().spans;
  telemetry.folder.makeRoom(Date.now() + 600_000);
  const after = telemetry.counts().spans;
  assert.ok(before === 3_000 && after < 1_500, `${before}, ${after}`);
});

test("Telemetry holds little for no longer than it may get, whether more comes or nothing", (t) => {
  const DAY_MS = 86_400_000;
  t.mock.timers.enable({ apis: ["Date", "setInterval", "setTimeout"], now: Date.parse("2026-11-01") });
  const telemetry = open(folderOf(t), { maxAgeMs: 7 * DAY_MS });
  t.after(() => telemetry.close());
  const held = (): unknown[] =>
    findLines(telemetry.folder.newestFirst, { limit: 1_000 }).map(({ fields }) => fields.number);
  for (let day = 1; day <= 20; day++) {
    telemetry.add([], [line(day, day % 2 === 0)]);
    telemetry.write();
    t.mock.timers.tick(DAY_MS);
  }
  // A file is of a day here: it goes a week after its last line.
  assert.deepEqual(held(), [20, 19, 18, 17, 16, 15, 14]);
  t.mock.timers.tick(6 * DAY_MS);
  assert.deepEqual(held(), [20]);
  t.mock.timers.tick(DAY_MS);
  assert.deepEqual(held(), []);
  telemetry.add([], [line(21, false)]);
  telemetry.write();
  assert.deepEqual(held(), [21]);
});

test("linesAround() gives as many lines before and after each, over the ends of files as well", (t) => {
  const telemetry = open(folderOf(t));
  t.after(() => telemetry.close());
  for (let id = 1; id <= 2_000; id++) telemetry.add([], [line(id, false)]);
  telemetry.write();
  const segments = telemetry.folder.newestFirst;
  assert.ok(segments.length > 1, "several files");
  const found = findLines(segments, { limit: 2_000 });
  assert.equal(found.length, 2_000);
  const numbersAround = (id: number): unknown[] =>
    linesAround(segments, found[2_000 - id]!.id, 3).map(({ fields }) => fields.number);
  for (let id = 4; id <= 1_997; id++)
    assert.deepEqual(numbersAround(id), [id + 3, id + 2, id + 1, id, id - 1, id - 2, id - 3]);
  assert.deepEqual(numbersAround(1), [4, 3, 2, 1]);
  assert.deepEqual(numbersAround(2_000), [2_000, 1_999, 1_998, 1_997]);
});
