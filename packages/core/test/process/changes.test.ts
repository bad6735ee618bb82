import assert from "node:assert/strict";
import { test } from "node:test";
import { recentChanges, recordChange, reportChange } from "../../src/index.ts";

test("reportChange() keeps what was told with its time, the latest last, cut at 200 characters", () => {
  const before = Date.now();
  reportChange("flag checkout-v2 on");
  recordChange("level", "voting debug");
  reportChange("x".repeat(300));
  const [flag, level, long] = recentChanges().slice(-3);
  assert.deepEqual([flag!.kind, flag!.what, level!.kind], ["report", "flag checkout-v2 on", "level"]);
  assert.ok(flag!.atMs >= before && flag!.atMs <= Date.now());
  assert.equal(long!.what.length, 200);
});

test("reportChange() keeps the last 32, and takes whatever it is given", () => {
  for (let i = 0; i < 100; i++) reportChange(`change ${i}`);
  assert.equal(recentChanges().length, 32);
  assert.equal(recentChanges().at(-1)?.what, "change 99");
  reportChange(undefined as unknown as string);
  assert.equal(recentChanges().at(-1)?.what, "undefined");
});

test("reportChange() of two copies of the package fills one list", async () => {
  const copy = (await import(`${new URL("../../src/process/changes.ts", import.meta.url).href}?copy`)) as {
    reportChange: typeof reportChange;
  };
  assert.notEqual(copy.reportChange, reportChange);
  copy.reportChange("told to the other copy");
  assert.equal(recentChanges().at(-1)?.what, "told to the other copy");
});
