import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { createLogger } from "@whodunit/logger";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";

const LAST_MS = 8_640_000_000_000_000;

/** Gives the time of a line that is written at a time. */
function lineTimes(t: TestContext): (nowMs: number) => string {
  let now = Date.now();
  let line = "";
  t.mock.method(Date, "now", () => now);
  const logger = createLogger({
    service: "clock",
    level: "debug",
    throttle: false,
    destination: {
      write(text: string) {
        line = text;
      },
    },
  });
  t.after(() => logger.close());
  return (nowMs) => {
    now = nowMs;
    line = "";
    logger.error("struck");
    return (JSON.parse(line) as { time: string }).time;
  };
}

test("a line has the time of its millisecond, whatever came before it: the same, the next, another second, an earlier one", (t) => {
  const timeAt = lineTimes(t);
  const day = Date.UTC(2026, 10, 20, 8, 47, 41, 960);
  for (const ms of [
    day,
    day,
    day + 1,
    day + 39,
    day + 40,
    day + 39,
    day - 1_000,
    day - 60_000,
    day + 86_400_000,
  ])
    assert.equal(timeAt(ms), new Date(ms).toISOString());
});

test("a line has the time of any moment that a Date can hold, before 1970 and beyond the year 9999 too", (t) => {
  const timeAt = lineTimes(t);
  fc.assert(
    fc.property(
      fc.integer({ min: -LAST_MS, max: LAST_MS }),
      fc.integer({ min: 0, max: 2_500 }),
      (ms, later) => {
        assert.equal(timeAt(ms), new Date(ms).toISOString());
        const then = Math.min(ms + later, LAST_MS);
        assert.equal(timeAt(then), new Date(then).toISOString());
      },
    ),
    { numRuns: runs(5_000) },
  );
});
