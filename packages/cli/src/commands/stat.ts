import type { Command } from "commander";
import type { WindowS } from "../sources/live/traffic-document.ts";
import { stat } from "../stat/stat.ts";
import { figuresJson, renderStat } from "../stat/stat-text.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { type Context, reportUnreached, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { outputOption, tokenOption, urlArgument, windowFlag } from "./options.ts";

interface StatFlags {
  readonly from?: string;
  readonly to?: string;
  readonly timeWindow: WindowS;
  readonly token?: string;
  readonly output: "table" | "json";
}

const HELP = `
Examples:
  $ whodunit stat http://localhost:3000 http://localhost:3001
  $ whodunit stat --from web http://localhost:3001      what web asks of it
  $ whodunit stat --to voting http://localhost:3000     what it asks of voting, as it sees it`;

/** `whodunit stat <url…>`. */
export function addStat(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command("stat")
    .description("success, requests per second and latency per route")
    .argument("<url...>", "services to ask", urlArgument)
    .option("--from <caller>", "only requests of this caller")
    .option("--to <callee>", "only requests to this callee, as their callers saw them")
    .addOption(windowFlag())
    .addOption(tokenOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (urls: string[], { from, to, timeWindow, token, output }: StatFlags) => {
      const result = await stat(urls, { from, to, token: tokenOf(token, terminal), windowS: timeWindow });
      if (!reportUnreached(result.survey, context)) return context.exit(EXIT.unreached);
      if (output === "json") {
        const rows = result.rows.map((row) => ({ name: row.name, route: row.route, ...figuresJson(row) }));
        terminal.stdout.write(`${jsonText(rows, 2)}\n`);
      } else if (result.rows.every(({ success }) => success === null)) {
        terminal.stderr.write("No traffic found.\n");
      } else {
        terminal.stdout.write(renderStat(result));
      }
    });
}
