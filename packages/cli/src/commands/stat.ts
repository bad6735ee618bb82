import type { Command } from "commander";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { stat } from "../services/stat.ts";
import { renderStat } from "../services/stat-text.ts";
import type { WindowS } from "../services/traffic.ts";
import type { Terminal } from "../terminal.ts";
import { urlArgument, windowOption } from "./options.ts";

interface StatFlags {
  readonly from?: string;
  readonly to?: string;
  readonly timeWindow: WindowS;
  readonly token?: string;
}

/** `whodunit stat <url…>`. */
export function addStat(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command("stat")
    .description("success, requests per second and latency per route")
    .argument("<url...>", "services to ask", urlArgument)
    .option("--from <caller>", "only requests of this caller")
    .option("--to <callee>", "only requests to this callee, as their callers saw them")
    .option("-t, --time-window <duration>", "10s, 1m or 10m", windowOption, 60)
    .option("--token <token>", "opens /debug/* (default: WHODUNIT_TOKEN)")
    .addHelpText("after", "\nExample:\n  $ whodunit stat http://localhost:3000 http://localhost:3001")
    .action(async (urls: string[], flags: StatFlags) => {
      const { from, to, timeWindow } = flags;
      const token = flags.token ?? (terminal.env.WHODUNIT_TOKEN || undefined);
      const result = await stat(urls, { from, to, token, windowS: timeWindow });
      const { services, unreached } = result.survey;
      for (const { address, error } of unreached) terminal.stderr.write(`whodunit: ${address} ${error}\n`);
      if (unreached.length > 0) exit(EXIT.unreached);
      if (services.length === 0) return;
      const silent = result.rows.every(({ success }) => success === null);
      if (silent) terminal.stderr.write("No traffic found.\n");
      else terminal.stdout.write(renderStat(result));
    });
}
