import assert from "node:assert/strict";
import { test } from "node:test";
import { renderHealth, renderSummary, renderWaterfall, type Span } from "../../src/index.ts";
import { renderTable } from "../../src/terminal/table.ts";

const MANY = Array.from({ length: 150_000 }, (_, i) => `${i}`);

test("what is printed may have more rows than a call may have arguments", () => {
  const lines = (text: string): number => text.split("\n").length - 1;
  const table = renderTable(
    [{ heading: "NAME", align: "left" }],
    MANY.map((name) => [name]),
  );
  assert.equal(lines(table), MANY.length + 1);
  const unreached = MANY.map((address) => ({ address, error: "" }));
  assert.equal(lines(renderHealth({ services: [], unreached, blamed: [] })), MANY.length + 2);
  const names = MANY.map((name) => ({ name, count: 1, firstSeen: null, lastSeen: null, example: "" }));
  assert.equal(lines(renderSummary({ lines: 1, skipped: 0, total: 1, names }, "x")), MANY.length + 2);
  const span = { parentSpanId: null, service: "web", name: "GET /", startMs: 0, durationMs: 1 };
  assert.equal(lines(renderWaterfall(MANY.map((spanId) => ({ ...span, spanId }) as Span))), MANY.length);
});
