import { once } from "node:events";
import type { Command } from "commander";
import { isLoopback } from "../sources/live/host.ts";
import { printable } from "../terminal/safe-text.ts";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { listOption, portOption } from "./options.ts";

interface ViewFlags {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly data?: string;
  readonly service?: string[];
}

const HELP = `
Examples:
  $ whodunit view                                  until Ctrl-C, in a temporary folder
  $ whodunit view --data .whodunit                 kept for the next time
  $ whodunit view -- npm run dev                   runs it, with its lines and spans on the page, and ends with it
  $ whodunit view --service web -- npm run web --service api -- npm run api
  $ whodunit view app.log worker.log.gz            and follows what is written to them
  $ kubectl logs -f deploy/web | whodunit view -`;

/** `whodunit view`. */
export function addView(program: Command, context: Context): void {
  program
    .command("view")
    .description("receive spans and log lines, run or follow services, and show all of it as a page")
    .argument("[files...]", "logs to read and follow; - is stdin")
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--port <port>", "port to listen on", portOption, 4318)
    .option("--token <token>", "asked for with --host beyond loopback (default: WHODUNIT_TOKEN)")
    .option("--data <dir>", "keep what arrives there (default: a temporary folder, gone at the end)")
    .option("--service <name>", "what the command behind -- is called", listOption)
    .addHelpText("after", HELP)
    .action((files: string[], flags: ViewFlags) => view(files, flags, context));
}

async function view(files: readonly string[], flags: ViewFlags, context: Context): Promise<void> {
  const { terminal, behind, exit, handOn } = context;
  const { host, port, data, service = [] } = flags;
  const token = isLoopback(host) ? undefined : tokenOf(flags.token, terminal);
  if (!isLoopback(host) && token === undefined) {
    terminal.stderr.write(
      `error: --host ${printable(host)} lets others in: set WHODUNIT_TOKEN, which they are asked for\n`,
    );
    return exit(EXIT.usage);
  }
  // Loaded only here: the other commands start twice as fast without a protobuf decoder.
  const { startReceiver } = await import("../view/receiver.ts");
  const { runServices, splitCommands } = await import("../view/lines/run-services.ts");
  const { followFile, readStream } = await import("../view/lines/follow-file.ts");
  const commands = behind === null ? null : splitCommands(behind, service);
  const tell = (text: string): void => complain(terminal, text);
  const receiver = await startReceiver({ host, port, data, token, tell });
  const end = new AbortController();
  try {
    const said = `Receiving spans and lines and showing them on ${receiver.url}\n`;
    // The output of services is theirs.
    (commands === null ? terminal.stdout : terminal.stderr).write(said);
    const following = files.map(async (file) => {
      try {
        if (file === "-") await readStream(terminal.stdin, "stdin", receiver.addLines);
        else await followFile(file, receiver.addLines, end.signal);
      } catch (error) {
        tell(`cannot read ${file}: ${(error as Error).message}`);
        exit(EXIT.unreached);
      }
    });
    if (commands === null) await ended(terminal.signal);
    else {
      const { stdout, stderr, env, signal } = terminal;
      handOn(
        await runServices(commands, {
          otlpUrl: receiver.url,
          token,
          env,
          stdout,
          stderr,
          signal,
          add: receiver.addLines,
        }),
      );
    }
    end.abort();
    // What stdin still holds is not waited for.
    await Promise.all(following.filter((_one, i) => files[i] !== "-"));
  } finally {
    await receiver.close();
  }
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
