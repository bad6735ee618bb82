import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A process of a benchmark: it speaks by messages, and its standard output goes nowhere. */
export interface ChildOptions {
  /** The core it stays on. @default any */
  readonly core?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts Node with these arguments, in production. */
export function startChild(args: readonly string[], { core, env }: ChildOptions = {}): ChildProcess {
  const command = [...(core === undefined ? [] : ["taskset", "-c", `${core}`]), process.execPath, ...args];
  return spawn(command[0] as string, command.slice(1), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, NODE_ENV: "production", ...env },
  });
}

/** The next message of a child; a child that ends instead fails the benchmark. */
export async function told(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const ended = once(child, "exit", over).then(([code]) => {
    throw new Error(`a process of the benchmark ended with ${code}`);
  });
  try {
    const [message] = (await Promise.race([once(child, "message", over), ended])) as [unknown];
    return message;
  } finally {
    over.abort();
    // The one that lost the race rejects; nobody waits for it.
    ended.catch(() => {});
  }
}

/** Sends a question and waits for the answer. */
export function ask(child: ChildProcess, question: object | string): Promise<unknown> {
  const answer = told(child);
  child.send(question);
  return answer;
}
