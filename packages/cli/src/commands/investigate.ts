import type { Command } from "commander";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { investigate } from "../services/investigate.ts";
import type { WindowS } from "../services/traffic.ts";
import { renderVerdict } from "../services/verdict-text.ts";
import type { Terminal } from "../terminal.ts";
import { checkUrl, listOption, urlArgument, windowOption } from "./options.ts";

interface InvestigateFlags {
  readonly timeWindow: WindowS;
  readonly token?: string;
  readonly follow?: string[];
  readonly view: string;
}

const CODES = { culprit: EXIT.found, nothing: EXIT.fine, "cannot-tell": EXIT.unreached } as const;

/** `whodunit investigate <url…>`. */
export function addInvestigate(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command("investigate")
    .description("who is murdering requests: service, route, since when, who suffers, a failing trace")
    .argument("<url...>", "services to start from; those they call are found", urlArgument)
    .option("-t, --time-window <duration>", "10s, 1m or 10m", windowOption, 60)
    .option("--token <token>", "opens /debug/* of the given services (default: WHODUNIT_TOKEN)")
    .option("--follow <pattern>", "found hosts that may get the token too, such as *.internal", listOption)
    .option("--view <url>", "a running whodunit view, asked for the trace", checkUrl, "http://127.0.0.1:4318")
    .addHelpText("after", "\nExample:\n  $ whodunit investigate http://localhost:3000")
    .action(async (urls: string[], { timeWindow, token, follow, view }: InvestigateFlags) => {
      const verdict = await investigate(urls, {
        windowS: timeWindow,
        token: token ?? (terminal.env.WHODUNIT_TOKEN || undefined),
        follow,
        view,
      });
      terminal.stdout.write(renderVerdict(verdict));
      exit(CODES[verdict.verdict]);
    });
}
