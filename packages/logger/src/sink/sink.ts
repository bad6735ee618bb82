import type { Level } from "../line/level.ts";
import type { LineBuffer } from "../line/line-buffer.ts";

/** Lines that will not be delivered, as the line about them tells it. */
export interface DroppedLines {
  readonly debug: number;
  readonly error: number;
  /** By name, the twenty most frequent. */
  readonly byName: Readonly<Record<string, number>>;
}

/** Where lines go. No method throws, and none waits for a reader. */
export interface Sink {
  /** @param number pino's number of the level, where the line came by pino */
  write(line: string, level: Level, name: string, number?: number): void;
  /** Takes the line that stands in `buffer`, as bytes; only of a sink that runs no code of the caller's. */
  writeBuffer?(buffer: LineBuffer, level: Level, name: string): void;
  /** Whether a debug line would be dropped now, so that it need not be made. */
  readonly full: boolean;
  /** Counts a line that was not made, because {@link full}. */
  drop(level: Level, name: string): void;
  /** Resolves when everything written so far is with the kernel, or will never be. */
  flush(): Promise<void>;
  /**
   * Delivers what it can on the way out of the process, waits for a reader that stalls, and says on stderr what it gives
   * up. @param stallMs how long to wait; without it 800, and the process is at its end: what follows is delivered as it
   * comes, or lost
   */
  flushSync(stallMs?: number): void;
  close(): Promise<void>;
  /** How many lines were not delivered. */
  readonly dropped: number;
}
