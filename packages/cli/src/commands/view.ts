import type { Command } from "commander";
import type { Terminal } from "../terminal/terminal.ts";
import { portOption } from "./options.ts";

interface ViewFlags {
  readonly host: string;
  readonly port: number;
}

/** `whodunit view`. */
export function addView(program: Command, terminal: Terminal): void {
  program
    .command("view")
    .description("receive spans (OTLP/HTTP) and show them")
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--port <port>", "port to listen on", portOption, 4318)
    .addHelpText("after", "\nExample:\n  $ whodunit view --port 4318")
    .action(async ({ host, port }: ViewFlags) => {
      // Loaded only here: the other commands start twice as fast without a protobuf decoder.
      const { startReceiver } = await import("../view/receiver.ts");
      const receiver = await startReceiver({ host, port });
      terminal.stdout.write(`Receiving spans and showing them on ${receiver.url}\n`);
    });
}
