import type { Command } from "commander";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { followOption, listOption, tokenOption, urlArgument, viewOption } from "./options.ts";
import { matchOption, type StoreFlags, sourceOf, storeOption, storeUrl } from "./store-options.ts";

interface McpFlags extends Pick<StoreFlags, "prometheus" | "match"> {
  readonly view: string;
  readonly logs?: string[];
  readonly token?: string;
  readonly follow?: string[];
}

// What a tool is asked about says its input.
const WINDOW_S = 60;

const HELP = `
Examples, as an assistant starts it:
  $ whodunit mcp --view http://127.0.0.1:4318 http://localhost:3000 http://localhost:3001
  $ whodunit mcp --prometheus http://prometheus:9090
  $ whodunit mcp --view http://127.0.0.1:4318

It reads and answers until stdin ends. It changes nothing, and asks nobody and reads nothing but what is given here,
whatever an assistant says. Addresses that services call are asked only where they fit --follow.`;

/** `whodunit mcp [url…]`. */
export function addMcp(program: Command, { terminal, exit }: Context, version: string): void {
  program
    .command("mcp")
    .description("the same answers for assistants, by the Model Context Protocol on stdin and stdout")
    .argument("[url...]", "services that may be asked", urlArgument)
    .addOption(viewOption())
    .option("--logs <file>", "a log file for summary and investigate; may be given several times", listOption)
    .addOption(tokenOption())
    .addOption(followOption())
    .addOption(storeOption())
    .addOption(matchOption())
    .addHelpText("after", HELP)
    .action(async (urls: string[], { view, logs = [], token, follow = [], ...flags }: McpFlags) => {
      const { stdin, stdout, stderr, signal, env } = terminal;
      if (stdin.isTTY === true) {
        stderr.write("error: an assistant starts this, and speaks to it on stdin\n");
        return exit(EXIT.usage);
      }
      // Neither services nor a store: the view is asked in their place.
      const isCounting =
        urls.length > 0 || flags.match !== undefined || storeUrl(urls, flags.prometheus, env) !== undefined;
      const { store } = isCounting ? sourceOf(urls, flags, WINDOW_S, terminal) : { store: undefined };
      // Loaded only here: no other command needs the protocol.
      const { serve } = await import("../mcp/serve.ts");
      const given = { urls, follow, view, logs, store, token: tokenOf(token, terminal) };
      await serve(given, { stdin, stdout, signal, version, tell: (text) => complain(terminal, text) });
    });
}
