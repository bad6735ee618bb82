import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** A child process and what it said on stderr so far. */
export interface Child {
  readonly process: ChildProcess;
  readonly stderr: () => string;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a helper of this folder as a process of its own; it is killed when the test ends before it does. */
export function startChild(
  t: TestContext,
  helper: string,
  args: readonly string[],
  stdout: "pipe" | number,
  nodeOptions: readonly string[] = [],
): Child {
  const file = fileURLToPath(new URL(helper, import.meta.url));
  const stdio: StdioOptions = ["ignore", stdout, "pipe"];
  const environment = { ...process.env, NODE_ENV: "test", LOG_LEVEL: "" };
  const child = spawn(process.execPath, ["--conditions=@whodunit/source", ...nodeOptions, file, ...args], {
    stdio,
    env: environment,
  });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  return { process: child, stderr: () => text, ended };
}
