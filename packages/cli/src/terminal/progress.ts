import { printable } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

const EVERY_MS = 500;

/**
 * Passes a log on and, on a terminal, says now and then how much of it was read.
 *
 * @param now milliseconds
 */
export async function* withProgress(
  log: AsyncIterable<Buffer>,
  name: string,
  { stderr }: Pick<Terminal, "stderr">,
  now: () => number = Date.now,
): AsyncIterable<Buffer> {
  let bytes = 0;
  let saidMs = now();
  let said = false;
  for await (const chunk of log) {
    bytes += chunk.length;
    yield chunk;
    if (stderr.isTTY !== true || now() - saidMs < EVERY_MS) continue;
    saidMs = now();
    said = true;
    stderr.write(`\r${printable(name)}: ${Math.round(bytes / 1e6)} MB read`);
  }
  // Erases the line (ECMA-48, EL): what is left on the screen is the answer.
  if (said) stderr.write("\r\u001b[2K");
}
