import { Readable } from "node:stream";
import { run } from "../../src/program.ts";

/** What a command line did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process with its own input, output and environment. */
export async function whodunit(
  args: readonly string[],
  { stdin = "", env = {} }: { stdin?: string | Buffer; env?: Record<string, string> } = {},
): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const code = await run(args, {
    stdin: Readable.from([typeof stdin === "string" ? Buffer.from(stdin) : stdin]),
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
  });
  return { code, stdout, stderr };
}
