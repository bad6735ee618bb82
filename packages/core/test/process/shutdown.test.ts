import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("../helpers/shutdown-child.ts", import.meta.url));

/** Runs the child, sends each signal when the line before it in `script` has been printed, returns how it ended. */
async function run(
  steps: string[],
  script: [line: string, signal: NodeJS.Signals][],
): Promise<{ lines: string[]; code: number | null; signal: NodeJS.Signals | null }> {
  const child = spawn(process.execPath, [CHILD, ...steps], { stdio: ["ignore", "pipe", "ignore"] });
  const exit = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line === script[0]?.[0]) child.kill(script.shift()?.[1]);
  }
  const [code, signal] = await exit;
  return { lines, code, signal };
}

test("a signal closes phase by phase, whatever the order of registration, and exits 0 after a drain", async () => {
  const { lines, code } = await run(["log", "spans", "servers", "drain", "probes"], [["ready", "SIGTERM"]]);
  assert.deepEqual(lines, [
    "ready",
    "close drain",
    "close servers",
    "close probes",
    "close spans",
    "close log",
  ]);
  assert.equal(code, 0);
});

test("a process with nothing to drain delivers and then dies of the signal", async () => {
  const { lines, signal } = await run(["log"], [["ready", "SIGINT"]]);
  assert.deepEqual(lines, ["ready", "close log"]);
  assert.equal(signal, "SIGINT");
});

for (const way of ["on", "once"]) {
  for (const steps of [
    [`own-handler:${way}`, "drain", "log"],
    ["drain", "log", `own-handler:${way}`],
  ]) {
    test(`where the application handles the signal itself, only the flushes run: ${steps}`, async () => {
      const { lines, code } = await run(steps, [["ready", "SIGTERM"]]);
      assert.deepEqual(lines, ["ready", "flush drain", "flush log"]);
      assert.equal(code, 7);
    });
  }
}

test("a step that throws does not keep the later ones from closing", async () => {
  const { lines, code } = await run(["drain:throws", "log"], [["ready", "SIGTERM"]]);
  assert.deepEqual(lines, ["ready", "close drain:throws", "close log"]);
  assert.equal(code, 0);
});

test("a step whose time is over is hurried, and says what it leaves undone before the process ends", async () => {
  const { lines, signal } = await run(["spans:late", "log"], [["ready", "SIGTERM"]]);
  assert.deepEqual(lines, ["ready", "close spans:late", "what is lost", "close log"]);
  assert.equal(signal, "SIGTERM");
});

test("a second signal hurries waits and steps that hang", async () => {
  const { lines, code } = await run(
    ["drain:waits", "servers:hangs", "log"],
    [
      ["ready", "SIGTERM"],
      ["close drain:waits", "SIGTERM"],
    ],
  );
  assert.deepEqual(lines, ["ready", "close drain:waits", "close servers:hangs", "close log"]);
  assert.equal(code, 0);
});
