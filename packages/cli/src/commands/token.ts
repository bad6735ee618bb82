import { lookup } from "node:dns/promises";
import type { Command } from "commander";
import { baseUrl, reasonOf } from "../sources/live/ask.ts";
import { PRINTED_MS, readKeys, SIGNATURE_HEADER, signatureOf } from "../sources/live/key.ts";
import { type Context, complain } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { checkUrl } from "./options.ts";

const HELP = `
The signature opens /debug/* of this one service, outside production, for ten minutes. It fits the host as it is
written here: one for localhost is none for 127.0.0.1.

Examples:
  $ curl -H "$(whodunit token http://localhost:3000)" http://localhost:3000/debug/traffic`;

/** `whodunit token <url>`. */
export function addToken(program: Command, { terminal, exit }: Context): void {
  program
    .command("token")
    .description("print a header that opens /debug/* of a service of yours for ten minutes, for curl")
    .argument("<url>", "the service", checkUrl)
    .addHelpText("after", HELP)
    .action(async (text: string) => {
      const url = baseUrl(text);
      const keys = await readKeys();
      if (keys.length === 0) {
        complain(
          terminal,
          "no key of yours can be read or made; set WHODUNIT_TOKEN at the service and send it",
        );
        return exit(EXIT.unreached);
      }
      try {
        const found = await lookup(url.hostname.replace(/^\[|\]$/g, ""), { all: true });
        const claim = {
          host: url.host,
          addresses: found.map(({ address }) => address),
          port: Number(url.port || (url.protocol === "https:" ? 443 : 80)),
          changes: true,
          ttlMs: PRINTED_MS,
        };
        terminal.stdout.write(`${SIGNATURE_HEADER}: ${signatureOf(keys, claim)}\n`);
      } catch (error) {
        complain(terminal, `${text} ${reasonOf(error)}`);
        exit(EXIT.unreached);
      }
    });
}
