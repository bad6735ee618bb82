import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { parseTime } from "../../src/logs/parse-time.ts";

test("parseTime() is Date.parse, whatever came before", () => {
  const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, "0"));
  // Few minutes, so that most times fall into the one before; some of no calendar.
  const time = fc
    .tuple(
      fc.constantFrom("2026-11-20T08:47", "2026-11-20T08:48", "2026-11-20T24:00"),
      two(99),
      fc.integer({ min: 0, max: 999 }),
    )
    .map(([minute, seconds, ms]) => `${minute}:${seconds}.${String(ms).padStart(3, "0")}Z`);
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof({ weight: 5, arbitrary: time }, anyText(), fc.date({ noInvalidDate: true }).map(String)),
      ),
      (texts) => {
        for (const text of texts) assert.equal(parseTime(text), Date.parse(text), text);
      },
    ),
    { numRuns: runs(1_000) },
  );
});
