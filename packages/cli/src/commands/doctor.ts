import type { Command } from "commander";
import { askService } from "../doctor/ask-service.ts";
import { renderFindings } from "../doctor/doctor-text.ts";
import { examine } from "../doctor/findings.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { paintFor } from "../terminal/terminal.ts";
import { type Context, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { outputOption, tokenOption, urlArgument } from "./options.ts";

interface DoctorFlags {
  readonly output: "table" | "json";
  readonly token?: string;
}

const HELP = `
Example:
  $ whodunit doctor http://localhost:3000 http://localhost:3001

Of services that call each other, give all: it sees whether they know each other by name.`;

/** `whodunit doctor <url…>`. */
export function addDoctor(program: Command, { terminal, exit }: Context): void {
  program
    .command("doctor")
    .description("what is set up at services and what is not, with the line to change")
    .argument("<url...>", "services to ask", urlArgument)
    .addOption(tokenOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (urls: string[], flags: DoctorFlags) => {
      const token = tokenOf(flags.token, terminal);
      const examined = examine(await Promise.all(urls.map((url) => askService(url, { token }))), token);
      terminal.stdout.write(
        flags.output === "json"
          ? `${jsonText({ services: examined })}\n`
          : renderFindings(examined, paintFor(terminal)),
      );
      const all = examined.flatMap(({ findings }) => findings);
      if (all.some(({ area }) => area === "reached")) return exit(EXIT.unreached);
      exit(all.every(({ ok }) => ok) ? EXIT.fine : EXIT.found);
    });
}
