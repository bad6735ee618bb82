import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("../helpers/operator-child.ts", import.meta.url));

test("G7: tellOperator() writes one line in the shape of a log line on stderr, and nothing that a terminal obeys", async () => {
  const child = spawn(process.execPath, [CHILD, "1"], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  const { time, ...line } = JSON.parse(text);
  assert.match(text, /^\{"level":"error","time":"[^"]+","msg":"web-test-told",[^\n]*\}\n$/);
  assert.ok(Date.parse(time) > 0);
  assert.doesNotMatch(text, /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  const told = "\u009b2J\u001b[31m\u202e\u2028";
  assert.deepEqual(line, { level: "error", msg: "web-test-told", count: 0, text: told });
});

test("tellOperator() neither blocks nor throws where nobody reads stderr, or stderr is closed", async () => {
  // More than a pipe holds: a blocking write would hang for good.
  const stalled = spawn(process.execPath, [CHILD, "5000"], { stdio: ["ignore", "pipe", "pipe"] });
  stalled.stderr.pause();
  const [done] = await once(stalled.stdout, "data");
  assert.equal(String(done), "done\n");
  stalled.stderr.destroy();
  const [code] = await once(stalled, "exit");
  assert.equal(code, 0);

  const closed = spawn("/bin/sh", ["-c", `exec "${process.execPath}" "${CHILD}" 3 2>&-`]);
  const [end] = await once(closed, "exit");
  assert.equal(end, 0);
});
