import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { FAULTS, reportFault } from "../../src/index.ts";

interface Warning extends Error {
  readonly code: string;
}

test("reportFault() warns once a code with what happened and what to do, and never with the error's message", async () => {
  const seen: Warning[] = [];
  const note = (warning: Error): void => void seen.push(warning as Warning);
  process.on("warning", note);
  class DiskError extends Error {
    readonly code = "ENOSPC";
  }
  for (let time = 0; time < 3; time++) reportFault("WHODUNIT_LOG_CLOSE", new DiskError("hunter2"));
  await once(process, "warning");
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  assert.equal(seen.length, 1);
  const { happened, remedy } = FAULTS.WHODUNIT_LOG_CLOSE;
  assert.equal(
    seen[0]?.message,
    `WHODUNIT_LOG_CLOSE failed with DiskError ENOSPC; told once. ${happened} ${remedy}`,
  );
  assert.deepEqual([seen[0]?.name, seen[0]?.code], ["WhodunitWarning", "WHODUNIT_LOG_CLOSE"]);
});

test("reportFault() tells things that share a code apart by their name", async () => {
  const seen: string[] = [];
  const note = (warning: Error): void => void seen.push(warning.message.slice(0, 35));
  process.on("warning", note);
  for (const step of ["pool", "pool", "cache"]) reportFault("WHODUNIT_SHUTDOWN_STEP", "text", step);
  while (seen.length < 2) await once(process, "warning");
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  assert.deepEqual(seen, ["WHODUNIT_SHUTDOWN_STEP pool failed ", "WHODUNIT_SHUTDOWN_STEP cache failed"]);
});
