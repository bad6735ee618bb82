import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type Context, complain } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";

const HELP = `
Of each service and route its burn of the error budget, and alerts in two priorities: "page" (14.4 times in an hour, 6
times in six) and "business-hours" (3 times in a day, as fast as allowed in three).

Example:
  $ whodunit objectives objectives.yaml > rules/objectives.yml && promtool check rules rules/objectives.yml`;

/** `whodunit objectives <file>`. */
export function addObjectives(program: Command, { terminal, exit }: Context): void {
  program
    .command("objectives")
    .description("turn objectives of success and latency into alert rules for Prometheus")
    .argument("<file>", "the objectives, as YAML")
    .addHelpText("after", HELP)
    .action(async (file: string) => {
      // Loaded only here: the other commands read no YAML.
      const { readObjectives, rulesFile } = await import("../alerts/objectives/rules.ts");
      let text: string;
      try {
        text = await readFile(file, "utf8");
      } catch (error) {
        complain(terminal, `cannot read ${file}: ${(error as Error).message}`);
        return exit(EXIT.unreached);
      }
      try {
        terminal.stdout.write(rulesFile(readObjectives(text, file)));
      } catch (error) {
        complain(terminal, (error as Error).message);
        exit(EXIT.usage);
      }
    });
}
