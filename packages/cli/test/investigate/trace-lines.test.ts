import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { investigate, renderVerdict, type Verdict } from "../../src/index.ts";
import { deadAddress, fakeService, NOW, series, serve } from "../helpers/fake-service.ts";

const TRACE = "5c522f9b5c522f9b5c522f9b5c522f9b";

const line = (second: number, level: string, msg: string, more: object = {}): string =>
  JSON.stringify({
    level,
    time: `2026-11-20T08:47:${second}.000Z`,
    msg,
    service: "web",
    trace_id: TRACE,
    ...more,
  });

async function ask(t: TestContext, options: { logs?: string[]; view?: string }): Promise<Verdict> {
  const web = await fakeService(t, "web", [
    series("server", "bot", "GET /", { failures: 33, traceId: TRACE }),
  ]);
  return investigate([web.url], { view: await deadAddress(), ...options });
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "whodunit-lines-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("investigate() shows the failing trace's lines from files, plain or gzipped, earliest first", async (t) => {
  const logs = ["web.log", "voting.log.gz"].map((name) => join(folder(t), name));
  const other = line(40, "error", "web-other", { trace_id: "0".repeat(32) });
  writeFileSync(logs[0]!, `${other}\nno json\n${line(43, "error", "web-fail", { AccountID: "a1" })}\n`);
  writeFileSync(logs[1]!, gzipSync(line(42, "debug", "voting-counted", { service: "voting" })));
  const verdict = await ask(t, { logs });
  assert.deepEqual(
    verdict.lines.map(({ service, level, text }) => [service, level, text]),
    [
      ["voting", "debug", "voting-counted"],
      ["web", "error", "web-fail"],
    ],
  );
  assert.match(
    renderVerdict(verdict),
    /\n\nLines of the trace:\n {2}08:47:42\.000 {2}debug {2}voting {2}voting-counted\n {2}08:47:43\.000 {2}error {2}web {2}web-fail {2}\{"AccountID":"a1"/,
  );
});

test("investigate() shows the failing trace's lines from a view where no files are given", async (t) => {
  const held = { timeMs: Date.parse(NOW), service: "web", level: "error", text: "web-fail", fields: {} };
  const view = await serve(t, (request, response) => {
    const isAsked = request.url === `/api/lines?trace=${TRACE}&limit=20`;
    response.end(JSON.stringify(isAsked ? { lines: [held, null, { timeMs: "x" }] } : {}));
  });
  const { lines } = await ask(t, { view: view.url });
  assert.deepEqual(lines, [{ ...held, traceId: TRACE }]);
});

test("investigate() says which log file cannot be read, and shows few lines of many, errors before others", async (t) => {
  const missing = join(folder(t), "none.log");
  await assert.rejects(ask(t, { logs: [missing] }), new RegExp(`cannot read ${missing}: ENOENT`));
  const many = join(folder(t), "many.log");
  const all = Array.from({ length: 90 }, (_, i) =>
    line(10 + (i % 40), i === 15 ? "error" : "debug", `web-${i}`),
  );
  writeFileSync(many, `${all.join("\n")}\n`);
  const page = renderVerdict(await ask(t, { logs: [many] }));
  const [, shown] = page.split("Lines of the trace:\n");
  assert.match(shown!, /error {2}web {2}web-15/);
  assert.match(shown!, /and 12 more/);
});
