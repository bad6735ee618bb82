import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { atEnd } from "./real-server.ts";

/** The services of the documents' examples, each a process of its own: vote-bot asks web, web asks voting. */
export interface Votes {
  readonly web: string;
  readonly voting: string;
  readonly emoji: string;
  /** Casts so many votes one after the other, of which so many fail, and waits until their spans have left. */
  vote(count: number, failures: number): Promise<void>;
}

const SERVICE = fileURLToPath(new URL("vote-service.ts", import.meta.url));

/** Starts them with this environment; they end with the test. Their lines go nowhere. */
export async function startVotes(
  t: TestContext,
  env: Readonly<Record<string, string>> = { OTEL_TRACES_EXPORTER: "none" },
): Promise<Votes> {
  const start = async (name: string, more: object = {}): Promise<[ChildProcess, string]> => {
    const { NODE_ENV: _, ...inherited } = process.env;
    const child = fork(SERVICE, [name], {
      execArgv: ["--conditions=@whodunit/source", "--disable-warning=ExperimentalWarning"],
      env: { ...inherited, ...env, ...more },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    atEnd(t, () => child.kill("SIGKILL"));
    const [told] = await once(child, "message");
    return [child, told];
  };
  const [[, voting], [, emoji], [bot]] = await Promise.all([
    start("voting"),
    start("emoji"),
    start("vote-bot"),
  ]);
  const [, web] = await start("web", { VOTING_URL: voting });
  return {
    ...{ web, voting, emoji },
    async vote(count, failures) {
      const votes = Array.from({ length: count }, (_, i) => {
        const isBad = Math.floor((i * failures) / count) !== Math.floor(((i + 1) * failures) / count);
        return isBad ? "doughnut" : "beer";
      });
      const voted = once(bot, "message");
      bot.send({ web, votes });
      await voted;
    },
  };
}
