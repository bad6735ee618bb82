import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { profile } from "../profile/profile.ts";
import { renderProfile } from "../profile/profile-text.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { checkUrl, durationOption, outputOption, tokenOption } from "./options.ts";

interface ProfileFlags {
  readonly for: number;
  readonly write?: string;
  readonly token?: string;
  readonly output: "table" | "json";
}

const MAX_SECONDS = 60;

const HELP = `
Examples:
  $ whodunit profile http://localhost:3000
  $ whodunit profile http://localhost:3000 --for 10s --write web.cpuprofile

The service takes profiles only where it runs with WHODUNIT_PROFILE=on, or with the option profile of its plugin.`;

/** `whodunit profile <url>`. */
export function addProfile(program: Command, { terminal, exit }: Context): void {
  program
    .command("profile")
    .description("which of a service's functions take its CPU")
    .argument("<url>", "the service", checkUrl)
    .option("--for <duration>", "how long to look, in whole seconds", secondsOption, 3)
    .option("--write <file>", "write the .cpuprofile, for DevTools, VS Code or speedscope")
    .addOption(tokenOption("opens /debug/profile of the service"))
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (url: string, flags: ProfileFlags) => {
      const token = tokenOf(flags.token, terminal);
      try {
        const { text, ...hottest } = await profile(url, { seconds: flags.for, token });
        if (flags.write !== undefined) await writeFile(flags.write, text);
        const json = flags.output === "json";
        terminal.stdout.write(json ? `${jsonText(hottest, 2)}\n` : renderProfile(hottest));
      } catch (error) {
        complain(terminal, (error as Error).message);
        exit(EXIT.unreached);
      }
    });
}

function secondsOption(text: string): number {
  const seconds = durationOption(text) / 1_000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError(`It is not a whole number of seconds from 1s to ${MAX_SECONDS}s.`);
}
