import type { Command } from "commander";
import { type TapFilter, tap } from "../tap/tap.ts";
import { renderTapRecord } from "../tap/tap-text.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { paintFor } from "../terminal/terminal.ts";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { checkUrl, countOption, durationOption, outputOption, tokenOption } from "./options.ts";

interface TapFlags extends TapFilter {
  readonly for?: number;
  readonly token?: string;
  readonly output: "table" | "json";
}

const HELP = `
Examples:
  $ whodunit tap http://localhost:3001 --errors
  $ whodunit tap http://localhost:3001 --from web --route 'POST /votes/:shortcode' -o json`;

/** `whodunit tap <url>`. */
export function addTap(program: Command, { terminal, exit }: Context): void {
  program
    .command("tap")
    .description("requests of one service as they happen, filtered")
    .argument("<url>", "the service to follow", checkUrl)
    .option("--from <caller>", "only requests of this caller")
    .option("--to <callee>", "only requests to this callee")
    .option("--method <method>", "only this method")
    .option("--route <route>", "only this route")
    .option("--status <status>", "only this status, such as 503 or 5xx")
    .option("--errors", "only failed requests")
    .option("--max-rps <n>", "at most so many a second", countOption(99_999))
    .option("--for <duration>", "end after 10s, 5m, … (default: with Ctrl-C)", durationOption)
    .addOption(tokenOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (url: string, { for: forMs, token, output, ...filter }: TapFlags) => {
      const sent = tokenOf(token, terminal);
      const paint = paintFor(terminal);
      const ends = [terminal.signal, forMs === undefined ? undefined : AbortSignal.timeout(forMs)];
      const signal = AbortSignal.any(ends.filter((end) => end !== undefined));
      try {
        const onUnheard = (unheard: string): void => complain(terminal, `${url} answered, but ${unheard}`);
        await tap(url, { ...filter, token: sent, signal, onUnheard }, (record) => {
          terminal.stdout.write(`${output === "json" ? jsonText(record) : renderTapRecord(record, paint)}\n`);
        });
      } catch (error) {
        complain(terminal, `cannot follow ${url}: ${(error as Error).message}`);
        exit(EXIT.unreached);
      }
    });
}
