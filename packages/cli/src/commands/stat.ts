import { type Command, Option } from "commander";
import type { WindowS } from "../sources/live/traffic-document.ts";
import { compareVersions } from "../stat/compare-versions.ts";
import { stat } from "../stat/stat.ts";
import { figuresJson, renderStat, renderVersions } from "../stat/stat-text.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { type Context, reportUnreached, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { outputOption, tokenOption, urlArgument, windowFlag } from "./options.ts";
import { addStoreOptions, refused, type StoreFlags, sourceOf } from "./store-options.ts";

interface StatFlags extends StoreFlags {
  readonly from?: string;
  readonly to?: string;
  readonly timeWindow: WindowS;
  readonly token?: string;
  readonly by?: "version";
  readonly output: "table" | "json";
}

const HELP = `
Examples:
  $ whodunit stat http://localhost:3000 http://localhost:3001
  $ whodunit stat --from web http://localhost:3001      what web asks of it
  $ whodunit stat --to voting http://localhost:3000     what it asks of voting, as it sees it
  $ whodunit stat --by version http://voting-1:3001 http://voting-2:3001
  $ whodunit stat --prometheus http://prometheus:9090 --at 03:12 --last 1h

With --by version, exit code 1: the version that started last is worse than the others;
3: it cannot be judged yet.`;

/** `whodunit stat <url…>`. */
export function addStat(program: Command, context: Context): void {
  const { terminal } = context;
  addStoreOptions(program.command("stat"))
    .description("success, requests per second and latency per route")
    .argument("[url...]", "services to ask", urlArgument)
    .option("--from <caller>", "only requests of this caller")
    .option("--to <callee>", "only requests to this callee, as their callers saw them")
    .addOption(new Option("--by <what>", "compares the versions that run side by side").choices(["version"]))
    .addOption(windowFlag())
    .addOption(tokenOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (urls: string[] = [], { from, to, by, timeWindow, token, output, ...flags }: StatFlags) => {
      const source = sourceOf(urls, flags, timeWindow, terminal);
      if (by === "version") {
        if (source.receiver !== undefined)
          throw refused(terminal, "a view does not count by version: want services or --prometheus <url>");
        if (from !== undefined || to !== undefined) {
          throw refused(terminal, "--by version compares all requests: want no --from and no --to");
        }
        return byVersion(urls, { token: tokenOf(token, terminal), ...source }, output, context);
      }
      const result = await stat(urls, { from, to, token: tokenOf(token, terminal), ...source });
      if (!reportUnreached(result, context)) return context.exit(EXIT.unreached);
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

async function byVersion(
  urls: readonly string[],
  options: NonNullable<Parameters<typeof compareVersions>[1]>,
  output: StatFlags["output"],
  context: Context,
): Promise<void> {
  const { terminal, exit } = context;
  const result = await compareVersions(urls, options);
  if (!reportUnreached(result, context)) return exit(EXIT.unreached);
  if (output === "json") {
    const rows = result.rows.map(({ name, version, route, ...figures }) => {
      return { name, version, route, ...figuresJson(figures) };
    });
    terminal.stdout.write(`${jsonText({ rows, worse: result.worse, undecided: result.undecided }, 2)}\n`);
  } else terminal.stdout.write(renderVersions(result));
  if (result.undecided.length > 0) exit(EXIT.unreached);
  if (result.worse.length > 0) exit(EXIT.found);
}
