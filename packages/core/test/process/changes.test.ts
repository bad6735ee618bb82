import assert from "node:assert/strict";
import { test } from "node:test";
import { onChange, recentChanges, recordChange, reportChange } from "../../src/index.ts";

test("reportChange() keeps what was told with its time, the latest last, cut at 200 characters", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
  reportChange("flag checkout-v2 on");
  recordChange("level", "voting debug");
  reportChange("x".repeat(300));
  const [flag, level, long] = recentChanges().slice(-3);
  assert.deepEqual([flag!.kind, flag!.what, level!.kind], ["report", "flag checkout-v2 on", "level"]);
  assert.equal(flag!.atMs, 1_000);
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

test("onChange() hears of each change of every copy of the package until it is ended", async () => {
  const copy = (await import(`${new URL("../../src/process/changes.ts", import.meta.url).href}?other`)) as {
    reportChange: typeof reportChange;
  };
  const heard: string[] = [];
  const end = onChange(({ kind, what }) => heard.push(`${kind} ${what}`));
  reportChange("flag on");
  recordChange("level", "voting debug");
  copy.reportChange("told to the other copy");
  end();
  reportChange("after the end");
  assert.deepEqual(heard, ["report flag on", "level voting debug", "report told to the other copy"]);
});
