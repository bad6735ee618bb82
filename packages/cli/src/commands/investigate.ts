import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { investigate } from "../investigate/investigate.ts";
import { renderVerdict } from "../investigate/verdict-text.ts";
import type { WindowS } from "../sources/live/traffic-document.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { paintFor } from "../terminal/terminal.ts";
import { type Context, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { followOption, listOption, outputOption, tokenOption, urlArgument, windowFlag } from "./options.ts";
import { addStoreOptions, refused, type StoreFlags, sourceOf, VIEW_BESIDES } from "./store-options.ts";

interface InvestigateFlags extends StoreFlags {
  readonly timeWindow: WindowS;
  readonly token?: string;
  readonly follow?: string[];
  readonly logs?: string[];
  readonly profile?: boolean;
  readonly output: "table" | "json";
}

const CODES = { culprit: EXIT.found, nothing: EXIT.fine, "cannot-tell": EXIT.unreached } as const;

const HELP = `
Examples:
  $ whodunit investigate http://localhost:3000
  $ whodunit investigate --follow '*.internal' --token "$TOKEN" https://web.internal
  $ whodunit investigate --prometheus http://prometheus:9090 --at 2026-11-20T03:12:00Z
  $ whodunit investigate --view http://127.0.0.1:4318   by the spans that services have sent there

Exit code 0: nothing out of the ordinary; 1: a culprit was found; 3: cannot tell,
nothing was found and a given service could not be reached, or a store did not answer
all that was asked.`;

/** `whodunit investigate <url…>`. */
export function addInvestigate(program: Command, { terminal, exit }: Context): void {
  addStoreOptions(program.command("investigate"), VIEW_BESIDES)
    .description("who is murdering requests: service, route, since when, who suffers, a failing trace")
    .argument("[url...]", "services to start from; those they call are found", urlArgument)
    .addOption(windowFlag())
    .addOption(tokenOption())
    .addOption(followOption())
    .option(
      "--logs <file>",
      "a log file with the failing trace's lines; may be given several times",
      listOption,
    )
    .option("--profile", "take a CPU profile where the event loop is the cause, and write the .cpuprofile")
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(
      async (
        urls: string[] = [],
        { timeWindow, token, follow, logs, profile, output, ...flags }: InvestigateFlags,
      ) => {
        const source = sourceOf(urls, flags, timeWindow, terminal);
        if (profile === true && urls.length === 0)
          throw refused(terminal, "--profile is taken from a process, want its address and no store");
        const verdict = await investigate(urls, {
          ...source,
          token: tokenOf(token, terminal),
          follow,
          ...(flags.view === undefined ? {} : { view: flags.view }),
          ...(logs === undefined ? {} : { logs }),
          profile: profile === true,
        });
        const { text, ...hottest } = verdict.profile ?? { text: undefined };
        if (text !== undefined) {
          const file = `${normalised(verdict.culprits[0]!.service)}-${Date.now()}.cpuprofile`;
          await writeFile(file, text);
          terminal.stderr.write(`The CPU profile is in ${file}: DevTools, VS Code and speedscope open it.\n`);
        }
        const json = output === "json";
        terminal.stdout.write(
          json
            ? `${jsonText(text === undefined ? verdict : { ...verdict, profile: hottest }, 2)}\n`
            : renderVerdict(verdict, {
                paint: paintFor(terminal),
                ...(verdict.at === null ? {} : { now: new Date(verdict.at) }),
              }),
        );
        exit(CODES[verdict.verdict]);
        // A culprit stays what a script wants to know; "nothing" is half an answer.
        if (verdict.verdict === "nothing" && verdict.unreached.length > 0) exit(EXIT.unreached);
      },
    );
}

// A service's name as part of a file's.
const normalised = (name: string): string => name.replace(/[^\w.-]+/g, "_").slice(0, 64);
