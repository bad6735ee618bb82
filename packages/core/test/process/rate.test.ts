import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Rate } from "../../src/index.ts";

test("Rate admits so many in a second and opens a new one after it", () => {
  const rate = new Rate(2);
  assert.deepEqual(
    [0, 1, 2, 999, 1_000, 1_001, 1_002].map((now) => rate.admit(now)),
    [true, true, false, false, true, true, false],
  );
});

test("Rate says when its second is over", () => {
  const rate = new Rate(1);
  assert.equal(rate.isOver(5), true);
  rate.admit(5);
  assert.deepEqual(
    [5, 1_004, 1_005].map((now) => rate.isOver(now)),
    [false, false, true],
  );
});

test("Rate goes on when its clock is set back", () => {
  const rate = new Rate(1);
  assert.equal(rate.admit(3_600_000), true);
  assert.equal(rate.admit(3_600_001), false);
  assert.equal(rate.admit(0), true);
});

test("Rate never admits more than its limit in one window that it opened", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.array(fc.nat(400)), (perSecond, steps) => {
      const rate = new Rate(perSecond);
      let nowMs = 0;
      const admitted: number[] = [];
      for (const step of steps) {
        nowMs += step;
        if (rate.admit(nowMs)) admitted.push(nowMs);
      }
      // The windows begin at an admission or a refusal after the last window: any two of them hold at most twice as many.
      for (const at of admitted) {
        assert.ok(admitted.filter((other) => other >= at && other < at + 1_000).length <= 2 * perSecond);
      }
    }),
  );
});
