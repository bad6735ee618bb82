import assert from "node:assert/strict";
import { test } from "node:test";
import { recentChanges } from "@whodunit/core";
import { captureLogs } from "../../src/testing.ts";

test("setLevel() tells core what it changed, for a while or for good, and when that was taken back", () => {
  const { logger: log } = captureLogs({ service: "voting" });
  log.setLevel("voting-ballot", "debug", { ttlMs: 600_000 });
  log.setLevel("", "error");
  log.setLevel("", null);
  const told = recentChanges().slice(-3);
  assert.deepEqual(
    told.map(({ kind, what }) => [kind, what.replace(/ (debug|error)$/, " level")]),
    [
      ["level", "voting-ballot debug for 600 s"],
      ["level", "all log lines level"],
      ["level", "all log lines level"],
    ],
  );
});
