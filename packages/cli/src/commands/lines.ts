import type { Command } from "commander";
import { isRecord } from "../is-record.ts";
import { askView } from "../sources/view/ask-view.ts";
import { jsonText, printable } from "../terminal/safe-text.ts";
import { type Paint, paintFor } from "../terminal/terminal.ts";
import { type Context, tokenOf } from "./command-context.ts";
import { countOption, durationOption, outputOption, timeOption, tokenOption, viewOption } from "./options.ts";

interface LinesFlags {
  readonly view: string;
  readonly token?: string;
  readonly service?: string;
  readonly level?: string;
  readonly name?: string;
  readonly trace?: string;
  readonly since?: number;
  readonly at?: Date;
  readonly around?: string;
  readonly limit: number;
  readonly output: "table" | "json";
}

const HELP = `
Examples:
  $ whodunit lines level:error service:web
  $ whodunit lines '"no sugar left"' AccountID:5c522f9b --since 10m
  $ whodunit lines --trace 5c522f9b5c522f9b5c522f9b5c522f9b -o json

Words, "phrases", beginnings (wor*) and field:value must all be in a line. The latest line comes last.`;

/** `whodunit lines [search…]`. */
export function addLines(program: Command, { terminal }: Context): void {
  program
    .command("lines")
    .description("log lines that a running view holds, by words and fields")
    .argument("[search...]", "what the lines must hold")
    .addOption(viewOption())
    .option("--service <name>", "only of this service")
    .option("--level <level>", "only of this level; error is all that asks for attention")
    .option("--name <name>", "only of this name")
    .option("--trace <id>", "only of this trace")
    .option("--since <duration>", "only of the last 10m, 24h, …", durationOption)
    .option("--at <time>", "only before that moment, 2026-11-20T03:12:00Z or 03:12 of today", timeOption)
    .option("--around <id>", "the lines before and after one, of every service, by its id in -o json")
    .option("-n, --limit <n>", "how many at most", countOption(1_000), 100)
    .addOption(tokenOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (search: string[], flags: LinesFlags) => {
      const { view, token, service, level, name, trace, since, at, around, limit, output } = flags;
      const to = at?.getTime();
      const from = since === undefined ? undefined : (to ?? Date.now()) - since;
      const parameters = {
        search: search.join(" ") || undefined,
        service,
        level,
        name,
        trace,
        from,
        to,
        limit,
      };
      const path = around === undefined ? "api/lines" : `api/lines/${encodeURIComponent(around)}/around`;
      const asked = around === undefined ? parameters : {};
      const { lines } = await askView(view, path, asked, tokenOf(token, terminal));
      const found = (Array.isArray(lines) ? lines : []).filter(isRecord).reverse();
      if (output === "json") terminal.stdout.write(`${jsonText(found, 2)}\n`);
      else if (found.length === 0) terminal.stderr.write("No line fits.\n");
      else for (const line of found) terminal.stdout.write(`${renderLine(line, paintFor(terminal))}\n`);
    });
}

function renderLine(line: Readonly<Record<string, unknown>>, paint: Paint): string {
  const { timeMs, service, level, failed, text, traceId, fields } = line;
  const time =
    typeof timeMs === "number" && Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : "-";
  const word = printable(String(level)).padEnd(5);
  const more = isRecord(fields) && Object.keys(fields).length > 0 ? `  ${jsonText(fields)}` : "";
  const trace = typeof traceId === "string" ? `  trace=${printable(traceId)}` : "";
  return [
    paint("dim", time),
    failed === true ? paint("red", word) : word,
    paint("bold", printable(String(service))),
    `${printable(String(text))}${trace}${paint("dim", more)}`,
  ].join("  ");
}
