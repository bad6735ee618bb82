import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import { type HealthReport, health } from "../health/health.ts";
import { renderHealth } from "../health/health-text.ts";
import { jsonText } from "../terminal/safe-text.ts";
import { paintFor } from "../terminal/terminal.ts";
import { type Context, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { durationOption, outputOption, tokenOption, urlArgument } from "./options.ts";

interface HealthFlags {
  readonly output: "table" | "json";
  readonly watch?: true | number;
  readonly token?: string;
}

const WATCH_MS = 2_000;

const HELP = `
Example:
  $ whodunit health http://localhost:3000 http://localhost:3001

The first to blame is the service whose own entries fail; who only watches a failing service is not.`;

/** `whodunit health <url…>`. */
export function addHealth(program: Command, { terminal, exit }: Context): void {
  program
    .command("health")
    .description("the status tree across services, and who is first to blame")
    .argument("<url...>", "services to ask", urlArgument)
    .option("-w, --watch [interval]", "go on, every 2s or so often as said", durationOption)
    .addOption(tokenOption())
    .addOption(outputOption("table", "json"))
    .addHelpText("after", HELP)
    .action(async (urls: string[], flags: HealthFlags) => {
      const token = tokenOf(flags.token, terminal);
      const everyMs = flags.watch === true ? WATCH_MS : flags.watch;
      let before = "";
      for (;;) {
        const report = await health(urls, { token });
        const text =
          flags.output === "json" ? `${jsonText(report)}\n` : renderHealth(report, paintFor(terminal));
        if (everyMs === undefined) {
          terminal.stdout.write(text);
          return exit(codeOf(report));
        }
        // On a terminal the tree stays in place (ECMA-48: home, erase below); in a file only changes are worth a copy.
        if (terminal.stdout.isTTY === true) terminal.stdout.write(`\u001b[H\u001b[J${text}`);
        else if (text !== before) terminal.stdout.write(text);
        before = text;
        await wait(everyMs, undefined, { signal: terminal.signal }).catch(() => {});
        if (terminal.signal?.aborted === true) return exit(codeOf(report));
      }
    });
}

function codeOf({ services, unreached }: HealthReport): (typeof EXIT)[keyof typeof EXIT] {
  if (unreached.length > 0) return EXIT.unreached;
  return services.some(({ status }) => status === "fail") ? EXIT.found : EXIT.fine;
}
