import type { Command } from "commander";
import { investigate } from "../investigate/investigate.ts";
import { renderVerdict } from "../investigate/verdict-text.ts";
import type { WindowS } from "../sources/live/traffic-document.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { paintFor } from "../terminal/terminal.ts";
import { type Context, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { followOption, outputOption, tokenOption, urlArgument, viewOption, windowFlag } from "./options.ts";

interface InvestigateFlags {
  readonly timeWindow: WindowS;
  readonly token?: string;
  readonly follow?: string[];
  readonly view: string;
  readonly output: "table" | "json";
}

const CODES = { culprit: EXIT.found, nothing: EXIT.fine, "cannot-tell": EXIT.unreached } as const;

const HELP = `
Examples:
  $ whodunit investigate http://localhost:3000
  $ whodunit investigate --follow '*.internal' --token "$TOKEN" https://web.internal

Exit code 0: nothing out of the ordinary; 1: a culprit was found; 3: cannot tell,
or nothing was found and a given service could not be reached.`;

/** `whodunit investigate <url…>`. */
export function addInvestigate(program: Command, { terminal, exit }: Context): void {
  program
    .command("investigate")
    .description("who is murdering requests: service, route, since when, who suffers, a failing trace")
    .argument("<url...>", "services to start from; those they call are found", urlArgument)
    .addOption(windowFlag())
    .addOption(tokenOption())
    .addOption(followOption())
    .addOption(viewOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (urls: string[], { timeWindow, token, follow, view, output }: InvestigateFlags) => {
      const verdict = await investigate(urls, {
        windowS: timeWindow,
        token: tokenOf(token, terminal),
        follow,
        view,
      });
      const json = output === "json";
      terminal.stdout.write(
        json ? `${jsonText(verdict, 2)}\n` : renderVerdict(verdict, { paint: paintFor(terminal) }),
      );
      exit(CODES[verdict.verdict]);
      // A culprit stays what a script wants to know; "nothing" is half an answer.
      if (verdict.verdict === "nothing" && verdict.unreached.length > 0) exit(EXIT.unreached);
    });
}
