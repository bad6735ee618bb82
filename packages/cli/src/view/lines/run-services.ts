import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { basename } from "node:path";
import type { Output } from "../../terminal/terminal.ts";
import { type AddLines, readStream } from "./follow-file.ts";

/** A service to be run. */
export interface ServiceCommand {
  /** Its name where its lines and spans tell none; null where none was given. */
  readonly name: string | null;
  readonly words: readonly string[];
  /** The folder it is run in. @default this process's */
  readonly cwd?: string;
  /** Variables on top of all others. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How services are run. */
export interface RunOptions {
  /** Where they send spans and lines unless they were told otherwise. */
  readonly otlpUrl: string;
  /** What they must bear there. */
  readonly token: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly add: AddLines;
  /** Ends them. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Splits what stands behind `--` into commands: `npm run web --service api -- npm run api` are two.
 *
 * @param names those given before the first `--`
 * @throws Error when one has no words
 */
export function splitCommands(words: readonly string[], names: readonly string[]): ServiceCommand[] {
  const commands: { name: string | null; words: string[] }[] = [{ name: names.at(-1) ?? null, words: [] }];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "--service" && words[i + 2] === "--") {
      commands.push({ name: words[i + 1]!, words: [] });
      i += 2;
    } else commands.at(-1)!.words.push(words[i]!);
  }
  if (commands.some((command) => command.words.length === 0))
    throw new Error("-- wants a command behind it, such as: whodunit view -- npm run dev");
  return commands;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const NOT_FOUND = 127;

/**
 * Runs services until the last of them has ended: their output passes through untouched and is read as lines, signals
 * are handed on to them. Gives the exit code of the first that did not end well, 128 and its number for a signal.
 */
export async function runServices(commands: readonly ServiceCommand[], options: RunOptions): Promise<number> {
  const children = commands.map((command) => start(command, options));
  const pass = (signal: NodeJS.Signals): void => {
    // A terminal has sent Ctrl-C to all of them already; twice would mean "at once" to many.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    for (const { process: child } of children) child.kill(signal);
  };
  const stop = (): void => pass("SIGTERM");
  for (const signal of SIGNALS) process.on(signal, pass);
  options.signal?.addEventListener("abort", stop);
  try {
    const codes = await Promise.all(children.map(({ ended }) => ended));
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
    options.signal?.removeEventListener("abort", stop);
  }
}

// Percent-encoded, as W3C baggage: a comma or an equals sign in it ends the entry (OTLP exporter, "Specifying headers").
const authorizationOf = (token: string): string => `authorization=${encodeURIComponent(`Bearer ${token}`)}`;

function start(
  { name, words, cwd, env: own }: ServiceCommand,
  options: RunOptions,
): { process: ChildProcess; ended: Promise<number> } {
  const { otlpUrl, token, env, stdout, stderr, add } = options;
  const [program = "", ...args] = words;
  const child = spawn(program, args, {
    stdio: ["inherit", "pipe", "pipe"],
    cwd,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
      ...(token === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: authorizationOf(token) }),
      ...env,
      ...(name === null ? {} : { OTEL_SERVICE_NAME: name }),
      ...own,
    },
  });
  const service = name ?? basename(program);
  const read = async (from: NodeJS.ReadableStream, to: Output): Promise<void> => {
    from.on("data", (chunk: Buffer) => void to.write(chunk as unknown as string));
    await readStream(from as AsyncIterable<Buffer>, service, add);
  };
  const ended = (async (): Promise<number> => {
    const exit = once(child, "exit") as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
    exit.catch(() => {});
    const output = Promise.allSettled([read(child.stdout!, stdout), read(child.stderr!, stderr)]);
    try {
      const [code, signal] = await exit;
      // What a grandchild still writes is not waited for once the pipes are closed by those who had them.
      await output;
      return code ?? 128 + (constants.signals[signal!] ?? 0);
    } catch (error) {
      stderr.write(`whodunit: cannot run ${program}: ${(error as Error).message}\n`);
      return NOT_FOUND;
    }
  })();
  return { process: child, ended };
}
