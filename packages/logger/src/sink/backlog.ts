import type { Level } from "../line/level.ts";
import type { DroppedLines } from "./sink.ts";

const NAMES_TOLD_MAX = 20;
const NAMES_COUNTED_MAX = 1_000;

interface Waiting {
  readonly line: string;
  readonly level: Level;
  readonly name: string;
}

/**
 * The lines that wait for a reader that does not read: at most `maxLength` characters of them, in order.
 * Debug lines give way to error lines, and are the first not to be let in.
 */
export class Backlog {
  readonly #maxLength: number;
  #lines: (Waiting | undefined)[] = [];
  #head = 0;
  #length = 0;
  // No debug line waits before this place.
  #debugFrom = 0;
  /** Whether a line found no room, and none has gone out since. */
  full = false;
  /** How many lines were dropped, ever. */
  droppedTotal = 0;
  #dropped: { debug: number; error: number; byName: Map<string, number> } = none();

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  get empty(): boolean {
    return this.#length === 0;
  }

  /** Takes a line, or counts it as dropped; an error line pushes debug lines out. */
  push(line: string, level: Level, name: string): void {
    if (level === "error") while (this.#length + line.length > this.#maxLength && this.#evictDebug());
    if (this.#length + line.length > this.#maxLength) {
      this.full = true;
      this.drop(level, name);
      return;
    }
    // A line is a rope of many small strings; reading a character makes it one, a fifth of the memory.
    line.charCodeAt(0);
    this.#lines.push({ line, level, name });
    this.#length += line.length;
  }

  /** Takes lines from the front, about `length` characters of them. */
  take(length: number): { readonly text: string; readonly lines: number } {
    let text = "";
    let lines = 0;
    while (text.length < length && this.#head < this.#lines.length) {
      const waiting = this.#lines[this.#head];
      this.#lines[this.#head++] = undefined;
      if (waiting === undefined) continue;
      text += waiting.line;
      lines++;
    }
    this.#length -= text.length;
    this.full = false;
    if (this.#head === this.#lines.length) {
      this.#lines = [];
      this.#head = 0;
      this.#debugFrom = 0;
    }
    return { text, lines };
  }

  /** Counts a line that will not be delivered. */
  drop(level: Level, name: string): void {
    this.droppedTotal++;
    this.#dropped[level]++;
    const { byName } = this.#dropped;
    const known = byName.get(name);
    if (known !== undefined || byName.size < NAMES_COUNTED_MAX) byName.set(name, (known ?? 0) + 1);
  }

  /** What was dropped since the last call; undefined when nothing was. */
  takeDropped(): DroppedLines | undefined {
    const { debug, error, byName } = this.#dropped;
    if (debug + error === 0) return undefined;
    this.#dropped = none();
    const most = [...byName].sort(([, a], [, b]) => b - a).slice(0, NAMES_TOLD_MAX);
    return { debug, error, byName: Object.fromEntries(most) };
  }

  #evictDebug(): boolean {
    this.#debugFrom = Math.max(this.#debugFrom, this.#head);
    while (this.#debugFrom < this.#lines.length) {
      const at = this.#debugFrom++;
      const waiting = this.#lines[at];
      if (waiting?.level !== "debug") continue;
      this.#lines[at] = undefined;
      this.#length -= waiting.line.length;
      this.drop("debug", waiting.name);
      return true;
    }
    return false;
  }
}

const none = () => ({ debug: 0, error: 0, byName: new Map<string, number>() });
