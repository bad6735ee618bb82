import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../src/testing.ts";

test("FakeClock stands still, and lets time pass to timers in their order", async () => {
  const clock = new FakeClock(1_000);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`second at ${clock.now()}`));
  clock.after(10, () => {
    seen.push(`first at ${clock.now()}`);
    clock.after(5, () => seen.push(`third at ${clock.now()}`));
  });
  const callOff = clock.after(15, () => seen.push("never"));
  callOff();
  await clock.advance(30);
  assert.deepEqual(seen, ["first at 10", "third at 15", "second at 20"]);
  assert.deepEqual([clock.now(), clock.monotonicMs(), clock.wall(), clock.wallMs(7)], [30, 30, 1_030, 1_007]);
});

test("FakeClock is there at once where nothing falls due, and its wall moves alone", () => {
  const clock = new FakeClock(0);
  void clock.advance(500);
  assert.equal(clock.now(), 500);
  clock.moveWall(-3_600_000);
  assert.deepEqual([clock.now(), clock.wall()], [500, -3_599_500]);
});
