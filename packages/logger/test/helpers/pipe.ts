import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A folder that is gone after the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "whodunit-logger-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Both ends of a pipe. */
export interface Pipe {
  /** Opens the end to read from, as a stream. */
  read(): Socket;
  /** What is in the pipe at the moment, read at once. */
  readNow(): Buffer;
  /** Closes the end to read from, unread. */
  close(): void;
  readonly path: string;
  readonly writeFd: number;
  readonly readFd: number;
}

/** A real pipe. (What `spawn` makes for `stdio: "pipe"` is a socket.) Nobody reads it until the test does. */
export function pipe(t: TestContext): Pipe {
  const path = join(folder(t), "pipe");
  execFileSync("mkfifo", [path]);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  let socket: Socket | undefined;
  let closed = false;
  const close = () => {
    if (socket === undefined && !closed) closeSync(readFd);
    closed = true;
    socket?.destroy();
  };
  t.after(close);
  return {
    path,
    writeFd,
    readFd,
    close,
    readNow: () => {
      const chunks: Buffer[] = [];
      for (const buffer = Buffer.allocUnsafe(65_536); ; ) {
        const length = readSome(readFd, buffer);
        if (length === 0) return Buffer.concat(chunks);
        chunks.push(Buffer.from(buffer.subarray(0, length)));
      }
    },
    read: () => {
      socket = new Socket({ fd: readFd, writable: false });
      return socket.setEncoding("utf8");
    },
  };
}

function readSome(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    // Nothing there now.
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}
