import type { Command } from "commander";
import { isLoopback } from "../sources/live/host.ts";
import { printable } from "../terminal/safe-text.ts";
import { type Context, complain, tokenOf } from "./command-context.ts";
import { ended } from "./ended.ts";
import { EXIT } from "./exit-code.ts";
import { listOption, portOption, tokenOption } from "./options.ts";

interface ViewFlags {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly data?: string;
  readonly service?: string[];
  readonly services?: string;
}

const HELP = `
Examples:
  $ whodunit view                                  until Ctrl-C, in a temporary folder
  $ whodunit view --data .whodunit                 kept for the next time
  $ whodunit view -- npm run dev                   runs it, with its lines and spans on the page, and ends with it
  $ whodunit view --service web -- npm run web --service api -- npm run api
  $ whodunit view --services services.json         runs those of the file: { "services": { "web": "npm run web" } }
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
    .addOption(tokenOption("asked for with --host beyond loopback"))
    .option("--data <dir>", "keep what arrives there (default: a temporary folder, gone at the end)")
    .option("--service <name>", "what the command behind -- is called", listOption)
    .option(
      "--services <file>",
      "run the services of this JSON file, each a command with cwd and env where wanted",
    )
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
  const { readServicesFile, readStream, runServices, splitCommands, startReceiver } = await import(
    "../view/running.ts"
  );
  const given = [
    ...(flags.services === undefined ? [] : readServicesFile(flags.services)),
    ...(behind === null ? [] : splitCommands(behind, service)),
  ];
  const commands = given.length === 0 ? null : given;
  const tell = (text: string): void => complain(terminal, text);
  const receiver = await startReceiver({ host, port, data, token, tell });
  const following: Promise<void>[] = [];
  // Before it is said that it runs: who reads that may end it at once.
  const told = commands === null ? ended(terminal.signal) : undefined;
  try {
    const said = `Receiving spans and lines and showing them on ${receiver.url}\n`;
    // The output of services is theirs.
    (commands === null ? terminal.stdout : terminal.stderr).write(said);
    following.push(
      ...files.map(async (file) => {
        try {
          if (file === "-") await readStream(terminal.stdin, "stdin", receiver.addLines);
          else await receiver.follow(file);
        } catch (error) {
          tell(`cannot read ${file}: ${(error as Error).message}`);
          exit(EXIT.unreached);
        }
      }),
    );
    if (commands === null) await told;
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
  } finally {
    await receiver.close();
    // What stdin still holds is not waited for.
    await Promise.all(following.filter((_one, i) => files[i] !== "-"));
  }
}
