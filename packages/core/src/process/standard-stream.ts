import { harmlessText } from "../text/harmless-text.ts";

// Loaded by those who write, not by those who import this package for something else.
const fs = (): typeof import("node:fs") => process.getBuiltinModule("node:fs");

/**
 * A descriptor of standard output or error that takes a write at once, in part, or answers EAGAIN, where the system
 * allows it. A blocking write to a pipe whose reader stalls stops the event loop, and a pending asynchronous one hangs
 * `process.exit`.
 *
 * @throws when the descriptor is closed
 */
export function openStandard(fd: 1 | 2): number {
  const { constants, fstatSync, openSync } = fs();
  const stat = fstatSync(fd);
  // A file or a terminal takes what it is given.
  if (!stat.isFIFO() && !stat.isSocket()) return fd;
  if (stat.isFIFO() && process.platform === "linux") {
    try {
      // Opened again, the pipe has flags of its own: O_NONBLOCK concerns nobody who shares the descriptor.
      return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      // The pipe belongs to another user (a container's runtime), or its reader is gone.
    }
  }
  // Node's own stream, once made, has set O_NONBLOCK on the descriptor (libuv, uv_pipe_open).
  void (fd === 1 ? process.stdout : process.stderr);
  return fd;
}

let standardError: number | undefined;

/** A line for whoever operates the service, in the shape of a log line; `time` is added. */
export interface OperatorLine {
  readonly level: "debug" | "error";
  /** A name: what happened. */
  readonly msg: string;
  readonly [field: string]: unknown;
}

/**
 * Says something about telemetry itself where the log cannot: one line of JSON on stderr, at once, for it may be the
 * process's last; nothing where that stalls too. What fields hold is redacted by the caller. Never throws.
 */
export function tellOperator(line: OperatorLine): void {
  try {
    const { level, msg, ...fields } = line;
    const text = JSON.stringify({ level, time: new Date().toISOString(), msg, ...fields });
    standardError ??= openStandard(2);
    fs().writeSync(standardError, `${harmlessText(text)}\n`);
  } catch {
    // There is no third place.
  }
}
