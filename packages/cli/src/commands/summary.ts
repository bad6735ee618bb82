import { createReadStream } from "node:fs";
import { hostname } from "node:os";
import type { Command } from "commander";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { createTally } from "../logs/summarise.ts";
import { renderSummary } from "../logs/summary-text.ts";
import type { Terminal } from "../terminal.ts";
import { durationOption } from "./options.ts";

interface SummaryFlags {
  readonly name: string;
  readonly since?: number;
}

/** `whodunit summary [files…]`. */
export function addSummary(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command("summary")
    .description("what needed attention, counted by name, from log files or stdin")
    .argument("[files...]", "log files; - or none is stdin")
    .option("--name <name>", "what is summarised: a host, a cluster", hostname())
    .option("--since <duration>", "only lines of the last 10m, 24h, …", durationOption)
    .addHelpText("after", "\nExample:\n  $ whodunit summary --name anna app.log")
    .action(async (files: string[], { name, since }: SummaryFlags) => {
      const tally = createTally(since === undefined ? {} : { since: new Date(Date.now() - since) });
      for (const file of files.length === 0 ? ["-"] : files) {
        try {
          await tally.read(
            file === "-" ? bytes(terminal.stdin) : createReadStream(file, { highWaterMark: 1_048_576 }),
          );
        } catch (error) {
          terminal.stderr.write(`whodunit: cannot read ${file}: ${(error as Error).message}\n`);
          exit(EXIT.unreached);
        }
      }
      const summary = tally.summary();
      terminal.stdout.write(renderSummary(summary, name));
      if (summary.skipped > 0) {
        terminal.stderr.write(
          `${summary.skipped} of ${summary.lines} lines are no log records and were skipped\n`,
        );
      }
    });
}

async function* bytes(stream: AsyncIterable<string | Buffer>): AsyncIterable<Buffer> {
  for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
