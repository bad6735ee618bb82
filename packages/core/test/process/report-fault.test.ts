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

test("G7: reportFault() prints no character that a terminal obeys, whatever a stranger wrote into what it is about", async () => {
  const EVIL = "\u009b2J\u001b[31m\u007f\u202e\u2028\u0085\r\n\u{e0041}";
  const seen: string[] = [];
  const note = (warning: Error): void => void seen.push(warning.message);
  process.on("warning", note);
  reportFault("WHODUNIT_LOG_NAME", Object.assign(new Error(EVIL), { name: EVIL, code: EVIL }), `at ${EVIL}`);
  await once(process, "warning");
  process.off("warning", note);
  assert.doesNotMatch(seen.join(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.match(seen.join(), /WHODUNIT_LOG_NAME at \\u009b2J\\u001b\[31m\\u007f\\u202e/);
});
