import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addAdopt } from "./commands/adopt.ts";
import { complain } from "./commands/command-context.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEdges } from "./commands/edges.ts";
import { EXIT, type ExitCode } from "./commands/exit-code.ts";
import { addHealth } from "./commands/health.ts";
import { addInvestigate } from "./commands/investigate.ts";
import { addLevel } from "./commands/level.ts";
import { addLines } from "./commands/lines.ts";
import { addMcp } from "./commands/mcp.ts";
import { addObjectives } from "./commands/objectives.ts";
import { addProfile } from "./commands/profile.ts";
import { addStat } from "./commands/stat.ts";
import { addSummary } from "./commands/summary.ts";
import { addTap } from "./commands/tap.ts";
import { addToken } from "./commands/token.ts";
import { addTraces } from "./commands/traces.ts";
import { addView } from "./commands/view.ts";
import { addWatch } from "./commands/watch.ts";
import { printable } from "./terminal/safe-text.ts";
import type { Terminal } from "./terminal/terminal.ts";

/**
 * Runs one command line and says with which code to exit: one of `EXIT`, or that of a program which `view` ran. Never
 * throws and never exits.
 *
 * @param args without `node` and the script, such as `["stat", "http://localhost:3000"]`
 * @param io where to read and write; the process's own where not given
 */
export async function run(args: readonly string[], io: Partial<Terminal> = {}): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  const terminal: Terminal = { stdin, stdout, stderr, env, ...io };
  let code: number = EXIT.fine;
  const exit = (next: ExitCode): void => {
    code = Math.max(code, next);
  };
  const handOn = (next: number): void => {
    code = next;
  };
  // What stands behind is another program's command line.
  const end = args[0] === "view" ? args.indexOf("--") : -1;
  const behind = end === -1 ? null : args.slice(end + 1);
  const version = packageVersion();
  const program = new Command("whodunit")
    .description("Names the service and route that is murdering requests.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      // It quotes what was typed, which may have been pasted.
      writeErr: (text) => void terminal.stderr.write(text.replace(/[^\n]+/g, printable)),
    });
  const context = { terminal, exit, handOn, behind };
  addSummary(program, context);
  addHealth(program, context);
  addStat(program, context);
  addEdges(program, context);
  addTap(program, context);
  addInvestigate(program, context);
  addProfile(program, context);
  addLevel(program, context);
  addDoctor(program, context);
  addAdopt(program, context, version);
  addToken(program, context);
  addView(program, context);
  addObjectives(program, context);
  addWatch(program, context);
  addLines(program, context);
  addTraces(program, context);
  addMcp(program, context, version);
  addCompletion(program, context);
  try {
    await program.parseAsync(end === -1 ? args : args.slice(0, end), { from: "user" });
    return code;
  } catch (error) {
    // Commander has said it already; help and version end this way too, with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    complain(terminal, error instanceof Error ? error.message : String(error));
    return EXIT.unreached;
  }
}

// By the package's own name, which is the same wherever the build puts this file.
function packageVersion(): string {
  const text = readFileSync(new URL(import.meta.resolve("whodunit/package.json")), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
