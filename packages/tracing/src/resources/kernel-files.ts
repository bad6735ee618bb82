import { closeSync, openSync, readSync } from "node:fs";

/** A file's text; undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

// What is read here has some hundred bytes.
const bytes = Buffer.allocUnsafeSlow(4_096);

/**
 * Small files of the kernel's, looked at again and again: each is opened once, and read from its beginning each time. What
 * is not there the first time is not looked for again.
 */
export class KernelFiles {
  readonly #descriptors = new Map<string, number | undefined>();

  /** The text of a file, of its first 4,096 bytes; undefined where there is none. Never throws. */
  readonly read: ReadFile = (path) => {
    try {
      const descriptor = this.#descriptors.has(path) ? this.#descriptors.get(path) : this.#open(path);
      if (descriptor === undefined) return undefined;
      return bytes.toString("latin1", 0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } catch {
      // It may be there another time: of files a process has only so many open.
      return undefined;
    }
  };

  /** Closes them all. Who reads again opens again. */
  close(): void {
    for (const descriptor of this.#descriptors.values()) if (descriptor !== undefined) closeSync(descriptor);
    this.#descriptors.clear();
  }

  #open(path: string): number | undefined {
    try {
      const descriptor = openSync(path, "r");
      this.#descriptors.set(path, descriptor);
      return descriptor;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") this.#descriptors.set(path, undefined);
      return undefined;
    }
  }
}
