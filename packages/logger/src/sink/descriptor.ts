import { closeSync, constants, openSync, writeSync } from "node:fs";

// Windows has no O_NONBLOCK.
const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants;

/** Where bytes go: a file, a pipe, a socket. */
export interface Descriptor {
  /** Writes what is behind `from`, or a part of it. Says how many bytes. @throws the system's error, such as EAGAIN */
  write(bytes: Uint8Array, from: number): number;
  close(): void;
}

/** An open descriptor of the system's. */
export function descriptor(fd: number): Descriptor {
  return {
    write: (bytes, from) => writeSync(fd, bytes, from),
    close: () => {
      // Standard output is the process's own.
      if (fd > 2) closeSync(fd);
    },
  };
}

/** Opens a file for lines to be added, made when missing. @throws when it cannot be opened */
export function openFile(path: string): Descriptor {
  // A path may name a pipe, too. Without a reader that is an error at once, and no wait for one.
  return descriptor(openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK));
}
