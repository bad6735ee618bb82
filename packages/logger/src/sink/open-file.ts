import { constants, openSync } from "node:fs";

// Windows has no O_NONBLOCK.
const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants;

/** Opens a file for lines to be added, made when missing. @throws when it cannot be opened */
export function openFile(path: string): number {
  // A path may name a pipe, too. Without a reader that is an error at once, and no wait for one.
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK);
}
