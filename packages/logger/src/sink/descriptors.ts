import { constants, fstatSync, openSync, writeSync } from "node:fs";

// Windows has no O_NONBLOCK.
const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants;

/**
 * A descriptor that takes a write at once, in part, or answers EAGAIN, where the system allows it. A blocking
 * write to a pipe whose reader stalls stops the event loop, and a pending asynchronous one hangs
 * `process.exit`.
 */
export function openStandard(fd: 1 | 2): number {
  const stat = fstatSync(fd);
  // A file or a terminal takes what it is given.
  if (!stat.isFIFO() && !stat.isSocket()) return fd;
  if (stat.isFIFO() && process.platform === "linux") {
    try {
      // Opened again, the pipe has flags of its own: O_NONBLOCK concerns nobody who shares the descriptor.
      return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK);
    } catch {
      // The pipe belongs to another user (a container's runtime), or its reader is gone.
    }
  }
  // Node's own stream, once made, has set O_NONBLOCK on the descriptor (libuv, uv_pipe_open).
  void (fd === 1 ? process.stdout : process.stderr);
  return fd;
}

/** Opens a file for lines to be added, made when missing. @throws when it cannot be opened */
export function openFile(path: string): number {
  // A path may name a pipe, too. Without a reader that is an error at once, and no wait for one.
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK);
}

let standardError: number | undefined;

/** Says something about the log itself where the log cannot: one line on stderr, or nothing if that stalls too. */
export function tellOperator(text: string): void {
  try {
    standardError ??= openStandard(2);
    writeSync(standardError, `whodunit: ${text}\n`);
  } catch {
    // There is no third place.
  }
}
