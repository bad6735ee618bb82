import { once } from "node:events";
import type { Command } from "commander";
import { type Context, complain } from "./command-context.ts";
import { portOption } from "./options.ts";

interface ViewFlags {
  readonly host: string;
  readonly port: number;
  readonly data?: string;
}

const HELP = `
Examples:
  $ whodunit view                     until Ctrl-C, in a temporary folder
  $ whodunit view --data .whodunit    kept for the next time`;

/** `whodunit view`. */
export function addView(program: Command, { terminal }: Context): void {
  program
    .command("view")
    .description("receive spans and log records (OTLP/HTTP) and show them")
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--port <port>", "port to listen on", portOption, 4318)
    .option("--data <dir>", "keep what arrives there (default: a temporary folder, gone at the end)")
    .addHelpText("after", HELP)
    .action(async ({ host, port, data }: ViewFlags) => {
      // Loaded only here: the other commands start twice as fast without a protobuf decoder.
      const { startReceiver } = await import("../view/receiver.ts");
      const receiver = await startReceiver({ host, port, data, tell: (text) => complain(terminal, text) });
      terminal.stdout.write(`Receiving spans and lines and showing them on ${receiver.url}\n`);
      await ended(terminal.signal);
      await receiver.close();
    });
}

/** Resolves when the command is told to end. A second signal ends it at once, as it does where nobody listens. */
async function ended(signal: AbortSignal | undefined): Promise<void> {
  const controller = new AbortController();
  const options = { signal: controller.signal };
  await Promise.race([
    once(process, "SIGINT", options),
    once(process, "SIGTERM", options),
    ...(signal === undefined ? [] : [signal.aborted ? undefined : once(signal, "abort", options)]),
  ]);
  controller.abort();
}
