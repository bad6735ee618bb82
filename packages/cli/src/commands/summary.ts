import { hostname } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import type { Change } from "../logs/compare.ts";
import { compareSummaries } from "../logs/compare.ts";
import { openLog, unpack } from "../logs/open-log.ts";
import { lookInto, readSummaries } from "../logs/saved-summary.ts";
import { createTally, type Summary, type SummaryTally } from "../logs/summarise.ts";
import { renderSummary, renderSummaryMarkdown } from "../logs/summary-text.ts";
import { withProgress } from "../terminal/progress.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { type Context, complain } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { durationOption, listOption, outputOption } from "./options.ts";

type Condition = { readonly kind: "new" } | { readonly kind: "count"; readonly over: number };

interface SummaryFlags {
  readonly name?: string;
  readonly since?: number;
  readonly byScope?: boolean;
  readonly compare?: string[];
  readonly failOn?: Condition[];
  readonly output: "table" | "wide" | "json" | "markdown";
}

const HELP = `
Examples:
  $ whodunit summary --name anna app.log app.log.1.gz
  $ kubectl logs deploy/api | whodunit summary --since 24h --output wide
  $ whodunit summary --output json app.log > today.json
  $ whodunit summary --compare yesterday.json --fail-on new --fail-on 'count>100' app.log
  $ whodunit summary --name production nodes/*.json      what many nodes counted with --output json

A file may be gzipped, and wrapped by Docker or Kubernetes. What --output json wrote elsewhere is added up. A
name's count includes lines that the logger throttled. --fail-on makes the exit code 1: for a new name, or for a name seen more often than N.`;

/** `whodunit summary [files…]`. */
export function addSummary(program: Command, context: Context): void {
  const { terminal, exit } = context;
  program
    .command("summary")
    .description("what needed attention, counted by name, from log files or stdin")
    .argument("[files...]", "log files, and summaries of other nodes; - or none is stdin")
    .option("--name <name>", "what is summarised: a host, a cluster (default: this host's name)")
    .option("--since <duration>", "only lines of the last 10m, 24h, …", durationOption)
    .option("--by-scope", "a tree along the names, with totals")
    .option(
      "--compare <file>",
      "an earlier --output json, or its logs: marks new and gone names, and jumps",
      listOption,
    )
    .option("--fail-on <condition>", "new or count>N", conditionOption)
    .addOption(outputOption("table", "wide", "json", "markdown"))
    .addHelpText("after", HELP)
    .action(async (files: string[], flags: SummaryFlags) => {
      const { since } = flags;
      if (files.length === 0 && terminal.stdin.isTTY === true) {
        terminal.stderr.write("error: no files are given and nothing is piped in\n");
        return exit(EXIT.usage);
      }
      const tally = createTally(since === undefined ? {} : { since: new Date(Date.now() - since) });
      const made: (string | null)[] = [];
      for (const file of files.length === 0 ? ["-"] : files)
        made.push(...(await readInto(tally, file, context, since !== undefined)));
      const summary = tally.summary();
      const name = flags.name ?? nameOf(made);
      const changes = await compare(flags.compare, summary, context);
      terminal.stdout.write(render(summary, name, changes, flags));
      if (summary.skipped > 0) {
        terminal.stderr.write(
          `${summary.skipped} of ${summary.lines} lines are no log records and were skipped\n`,
        );
      }
      if (flags.failOn?.some((condition) => isMet(condition, summary, changes))) exit(EXIT.found);
    });
}

function conditionOption(text: string, before: readonly Condition[] = []): Condition[] {
  if (text === "new") return [...before, { kind: "new" }];
  const over = /^count>(\d{1,15})$/.exec(text.replaceAll(" ", ""))?.[1];
  if (over === undefined) throw new InvalidArgumentError('It is not "new" or "count>N".');
  return [...before, { kind: "count", over: Number(over) }];
}

function isMet(condition: Condition, { names }: Summary, changes: readonly Change[] | undefined): boolean {
  if (condition.kind === "count") return names.some(({ count }) => count > condition.over);
  // Nothing to compare with: everything is new.
  return changes === undefined ? names.length > 0 : changes.some(({ kind }) => kind === "new");
}

/** Adds a log, or the summaries of a file, to a count. Gives what those summaries were made of, null for a log. */
async function readInto(
  tally: SummaryTally,
  file: string,
  { terminal, exit }: Context,
  hasSince = false,
): Promise<(string | null)[]> {
  try {
    const log = withProgress(file === "-" ? unpack(terminal.stdin) : openLog(file), file, terminal);
    const { isSummary, bytes } = await lookInto(log, file);
    if (!isSummary) {
      await tally.read(bytes);
      return [null];
    }
    const summaries = await readSummaries(bytes);
    if (hasSince) throw new Error("it is a summary, whose lines --since cannot tell apart");
    for (const summary of summaries) tally.add(summary);
    return summaries.map(({ name }) => name);
  } catch (error) {
    complain(terminal, `cannot read ${file}: ${(error as Error).message}`);
    exit(EXIT.unreached);
    return [];
  }
}

/** Of one summary its own name, of several how many they are; of a log this host's. */
function nameOf(made: readonly (string | null)[]): string {
  const [first] = made;
  if (first === undefined || made.includes(null)) return hostname();
  return made.length === 1 ? first || hostname() : `${made.length} summaries`;
}

async function compare(
  files: readonly string[] | undefined,
  summary: Summary,
  context: Context,
): Promise<Change[] | undefined> {
  if (files === undefined) return undefined;
  const tally = createTally();
  for (const file of files) await readInto(tally, file, context);
  return compareSummaries(tally.summary(), summary);
}

function render(
  summary: Summary,
  name: string,
  changes: readonly Change[] | undefined,
  { output, byScope = false }: SummaryFlags,
): string {
  if (output === "json") return `${jsonText({ name, ...summary, ...(changes && { changes }) }, 2)}\n`;
  if (output === "markdown") return renderSummaryMarkdown(summary, name, changes);
  return renderSummary(summary, name, { byScope, wide: output === "wide", ...(changes && { changes }) });
}
