import type { Command } from "commander";
import type { WindowS } from "../sources/live/traffic-document.ts";
import { edges } from "../stat/edges.ts";
import { figuresJson, renderEdges } from "../stat/stat-text.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { type Context, reportUnreached, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { followOption, outputOption, tokenOption, urlArgument, windowFlag } from "./options.ts";
import { addStoreOptions, type StoreFlags, sourceOf } from "./store-options.ts";

interface EdgesFlags extends StoreFlags {
  readonly timeWindow: WindowS;
  readonly token?: string;
  readonly follow?: string[];
  readonly output: "table" | "json";
}

const HELP = `
Examples:
  $ whodunit edges http://localhost:3000
  $ whodunit edges --prometheus http://prometheus:9090 --match 'namespace="shop"'

The numbers are the callee's own where it tells them, else its caller's.`;

/** `whodunit edges <url…>`. */
export function addEdges(program: Command, context: Context): void {
  const { terminal } = context;
  addStoreOptions(program.command("edges"))
    .description("who calls whom, with success, requests per second and latency")
    .argument("[url...]", "services to start from; those they call are found", urlArgument)
    .addOption(windowFlag())
    .addOption(tokenOption())
    .addOption(followOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (urls: string[] = [], { timeWindow, token, follow, output, ...flags }: EdgesFlags) => {
      const source = sourceOf(urls, flags, timeWindow, terminal);
      const result = await edges(urls, { token: tokenOf(token, terminal), follow, ...source });
      if (!reportUnreached(result, context)) return context.exit(EXIT.unreached);
      if (output === "json") {
        const rows = result.rows.map((row) => ({
          src: row.src,
          dst: row.dst,
          seen_by: row.seenBy,
          ...figuresJson(row),
        }));
        terminal.stdout.write(`${jsonText(rows, 2)}\n`);
      } else if (result.rows.length === 0) {
        terminal.stderr.write("No traffic found.\n");
      } else {
        terminal.stdout.write(renderEdges(result));
      }
    });
}
