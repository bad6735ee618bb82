import { CommanderError } from "commander";
import { unfitToken } from "../sources/live/token.ts";
import type { Reached } from "../sources/reached.ts";
import { printable } from "../terminal/safe-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";

/** What a command is given besides its arguments. */
export interface Context {
  readonly terminal: Terminal;
  /** Sets the exit code; the worst one said counts. */
  readonly exit: (code: ExitCode) => void;
  /** Makes the exit code that of a program which was run. */
  readonly handOn: (code: number) => void;
  /** What stands behind `--`, another program's command line; null where there is none. */
  readonly behind: readonly string[] | null;
}

/**
 * The token to send: the one given, else WHODUNIT_TOKEN.
 *
 * @throws CommanderError, having said why, where it cannot be sent
 */
export function tokenOf(given: string | undefined, { env, stderr }: Terminal): string | undefined {
  const token = given ?? (env.WHODUNIT_TOKEN || undefined);
  const unfit = token === undefined ? undefined : unfitToken(token);
  if (unfit === undefined) return token;
  const said = `error: the token of ${given === undefined ? "WHODUNIT_TOKEN" : "--token"} ${unfit}`;
  stderr.write(`${said}\n`);
  throw new CommanderError(EXIT.usage, "whodunit.unfitToken", said);
}

/** Says on stderr what went wrong. The text may hold what a service or a file said. */
export function complain({ stderr }: Pick<Terminal, "stderr">, text: string): void {
  stderr.write(`whodunit: ${printable(text)}\n`);
}

/** Names the given services that could not be reached. False when none could. */
export function reportUnreached({ addresses, unreached }: Reached, { terminal, exit }: Context): boolean {
  for (const { address, error } of unreached) complain(terminal, `${address} ${error}`);
  if (unreached.length > 0) exit(EXIT.unreached);
  return Object.keys(addresses).length > 0;
}
