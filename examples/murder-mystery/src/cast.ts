import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;

/** One process of the story. */
export interface Actor {
  readonly name: string;
  readonly url: string;
  readonly process: ChildProcess;
  /** Where its lines go, as NDJSON. */
  readonly logFile: string;
}

// Every process ever forked, also one that is not up yet: whoever ends the story ends them all.
const forked: ChildProcess[] = [];

/** Starts a service as a process of its own and waits until it says where it answers. */
export async function start(name: string, logs: string, env: Record<string, string>): Promise<Actor> {
  const logFile = join(logs, `${name}.ndjson`);
  const child = fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), {
    env: { ...process.env, ...env },
    stdio: ["ignore", openSync(logFile, "a"), openSync(join(logs, `${name}.stderr`), "a"), "ipc"],
  });
  forked.push(child);
  const patience = AbortSignal.timeout(START_TIMEOUT_MS);
  const [message] = await Promise.race([
    once(child, "message", { signal: patience }),
    once(child, "exit", { signal: patience }).then(([code]) => {
      throw new Error(`${name} exited with ${code} before it was up; see ${logs}`);
    }),
  ]);
  return { name, url: (message as { url: string }).url, process: child, logFile };
}

/** Ends all processes, politely first, and returns when they are gone. */
export async function stopAll(): Promise<void> {
  await Promise.all(forked.map(end));
}

/** Ends one of them so. */
export const stop = ({ process: child }: Actor): Promise<void> => end(child);

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}

/** Resolves when the voters have cast this many votes. */
export function votesCast(bot: Actor, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    bot.process.on("message", ({ votes }: { votes?: number }) => {
      if ((votes ?? 0) >= count) resolve();
    });
    bot.process.once("exit", () => reject(new Error("vote-bot has gone")));
  });
}
