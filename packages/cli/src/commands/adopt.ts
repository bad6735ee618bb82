import type { Command } from "commander";
import { paintFor } from "../terminal/terminal.ts";
import { type Context, complain } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";

interface AdoptFlags {
  readonly write?: boolean;
}

const HELP = `
Examples:
  $ whodunit adopt .
  $ whodunit adopt services/web --write

The diff goes to stdout, what was found to stderr. Nothing of the project is run. What is not understood is refused, with
what to do by hand and exit code 1.`;

/** `whodunit adopt <dir>`. */
export function addAdopt(program: Command, { terminal, exit }: Context, version: string): void {
  program
    .command("adopt")
    .description("what fits a Fastify, Express or Nest service with logs, health and tracing, as a diff")
    .argument("<dir>", "the service's folder, which has its package.json or is below it")
    .option("--write", "make the changes, all or none")
    .addHelpText("after", HELP)
    .action(async (folder: string, { write = false }: AdoptFlags) => {
      // A parser, which no other command needs.
      const { adopt, Refusal } = await import("../adopt/adopt.ts");
      try {
        const { diff, summary } = adopt(folder, version, write, paintFor(terminal));
        if (!write) terminal.stdout.write(diff);
        terminal.stderr.write(summary);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        complain(terminal, `${error.message}. Nothing is changed. ${error.byHand}`);
        exit(EXIT.found);
      }
    });
}
