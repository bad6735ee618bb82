import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

export interface Child {
  readonly process: ChildProcess;
  /** What it printed, line by line. */
  readonly lines: readonly string[];
  /** Resolves to the n-th line it prints. */
  line(index: number): Promise<string>;
  /** Resolves to its exit code, or the signal it died of. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
}

/** How a child is run, where it matters. */
export interface ChildSettings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** More flags of Node's, such as `--watch`. */
  readonly flags?: readonly string[];
  /** Whether it heads a process group of its own, as what is started at a terminal does. */
  readonly ownGroup?: boolean;
}

/** Runs a file beside this one as a child process, as the tests are run; it is killed when the test ends. */
export function startChild(t: TestContext, file: string, ...args: string[]): Child {
  return startChildWith(t, {}, file, ...args);
}

/** {@link startChild} with settings. */
export function startChildWith(
  t: TestContext,
  { env, flags = [], ownGroup = false }: ChildSettings,
  file: string,
  ...args: string[]
): Child {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const inherited = process.execArgv.filter((flag) => !flag.startsWith("--test"));
  const child = spawn(process.execPath, [...inherited, ...flags, path, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
    detached: ownGroup,
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const exit = once(child, "exit").then(([code, signal]) => code ?? signal);
  t.after(async () => {
    if (ownGroup) killGroup(child.pid as number);
    else child.kill("SIGKILL");
    await exit;
  });
  return {
    process: child,
    lines,
    exit,
    async line(index) {
      while (lines.length <= index) {
        if (child.exitCode !== null) throw new Error(`${file} ended before it printed line ${index}`);
        await Promise.race([once(reader, "line"), exit]);
      }
      return lines[index] as string;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
