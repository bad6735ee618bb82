import { Readable } from "node:stream";
import { run } from "../../src/program.ts";

/** What a command line did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly stdin?: string | Buffer;
  readonly env?: Record<string, string>;
  /** Whether output goes to a terminal. */
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs a command line in this process with its own input, output and environment. */
export async function whodunit(
  args: readonly string[],
  { stdin = "", env = {}, isTTY = false, signal }: Given = {},
): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const code = await run(args, {
    stdin: Object.assign(Readable.from([typeof stdin === "string" ? Buffer.from(stdin) : stdin]), { isTTY }),
    stdout: { write: (text) => (stdout += text), isTTY },
    stderr: { write: (text) => (stderr += text), isTTY },
    env,
    signal,
  });
  return { code, stdout, stderr };
}
