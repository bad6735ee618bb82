import type { ExitCode } from "../exit-code.ts";
import type { Terminal } from "../terminal.ts";

/** What a command is given besides its arguments. */
export interface Context {
  readonly terminal: Terminal;
  /** Sets the exit code; the worst one said counts. */
  readonly exit: (code: ExitCode) => void;
}

/** The token to send: the one given, else WHODUNIT_TOKEN. */
export function tokenOf(given: string | undefined, { env }: Terminal): string | undefined {
  return given ?? (env.WHODUNIT_TOKEN || undefined);
}
