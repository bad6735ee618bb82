import { nextSuspect } from "@whodunit/redaction/serialiser";
import { type EncodedText, encodedIn, type SharedText } from "./encoded-text.ts";
import { asciiNeedsEscape } from "./json-escape.ts";

/** The longest line that can be asked for. */
export const LINE_BYTES_MAX = 1_048_576;
/** Room behind the bound for what is written before anybody looks: a key, a number, closing brackets. */
const SLACK = 16_384;
// Up to here, a loop is quicker than a call into Node.
const SHORT = 20;
const ZERO = 48;
const POINT = 46;
// For a line, and another that a getter of the caller's writes meanwhile. What is never used takes no memory.
const END = 2 * LINE_BYTES_MAX;
// Behind every text, the last one too, there is room for what `nextSuspect` puts there.
const MEMORY = new ArrayBuffer(END + SLACK + 16);
const BYTES: Buffer = Buffer.from(MEMORY, 0, END + SLACK);
const VIEW = new DataView(MEMORY);

/** What is put aside of a text while another is written: a getter of the caller's may log. */
export type OuterText = Pick<LineBuffer, "start" | "position" | "limit" | "full" | "truncated" | "ancestors">;

/**
 * The text being written, as UTF-8. There is one for the process, as there is one thread, and at a fixed place: bytes
 * there are quicker to write, to look through and to join than strings are.
 */
class LineBuffer {
  start = 0;
  /** Where the next byte goes. */
  position = 0;
  /** Where the text has to end. Whoever writes takes back what goes beyond. */
  limit = 0;
  /** Something did not even fit behind the bound, and was not written. */
  full = false;
  /** A bound was hit. */
  truncated = false;
  /** The objects around the value being written, by depth; who adds one takes it away. */
  ancestors: (object | undefined)[] = [];
  /** Whether a text is being written. Where one ends, its text stands until the next begins. */
  open = false;

  /**
   * Starts a text of at most `room` bytes, and gives the one that waits for it to be done. Whoever starts one ends it,
   * even if it throws: by `open = false` where none waits, else by {@link resume}. That the first is no call matters: where
   * a caller's recursion has left no stack for one, what follows would be taken for nested for ever.
   */
  begin(room: number): OuterText | undefined {
    let outer: OuterText | undefined;
    if (this.open) {
      const { start, position, limit, full, truncated, ancestors } = this;
      outer = { start, position, limit, full, truncated, ancestors };
      // A rehearsal: if the stack has no room for it, it says so now, as nothing is put aside yet.
      this.resume(outer);
      this.ancestors = [];
    } else {
      this.position = 0;
      this.open = true;
    }
    this.start = this.position;
    this.limit = Math.min(this.start + room, END);
    this.full = false;
    this.truncated = false;
    return outer;
  }

  /** Goes on with the text that waited. */
  resume(outer: OuterText): void {
    this.start = outer.start;
    this.position = outer.position;
    this.limit = outer.limit;
    this.full = outer.full;
    this.truncated = outer.truncated;
    this.ancestors = outer.ancestors;
  }

  /** Adds an ASCII character. */
  byte(code: number): void {
    BYTES[this.position++] = code;
  }

  /** Adds a whole number from 0 on, of at most nine digits. */
  digits(value: number): void {
    let end = this.position + 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++;
    this.position = end;
    let rest = value;
    do {
      BYTES[--end] = ZERO + (rest % 10);
      rest = (rest / 10) | 0;
    } while (rest > 0);
  }

  /** Adds a number below 100,000 that is no whole one, given in thousandths. */
  thousandths(value: number): void {
    const whole = (value / 1_000) | 0;
    this.digits(whole);
    BYTES[this.position++] = POINT;
    let rest = value - 1_000 * whole;
    for (let unit = 100; rest > 0; unit /= 10) {
      const digit = (rest / unit) | 0;
      BYTES[this.position++] = ZERO + digit;
      rest -= digit * unit;
    }
  }

  /** Puts an ASCII character in the place of another. */
  replace(position: number, code: number): void {
    BYTES[position] = code;
  }

  /** Adds what was encoded before. */
  put({ words, length }: EncodedText): void {
    let at = this.position;
    for (let index = 0; index < words.length; index++) {
      VIEW.setFloat64(at, words[index] as number, true);
      at += 8;
    }
    this.position += length;
  }

  /** Adds a text of ASCII characters, as it is. Adds nothing and says no when it holds others, or does not fit. */
  ascii(text: string): boolean {
    const { length } = text;
    const { position } = this;
    if (length > SHORT) {
      if (BYTES.write(text, position) !== length) return false;
    } else {
      for (let index = 0; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code > 127) return false;
        BYTES[position + index] = code;
      }
    }
    this.position = position + length;
    return true;
  }

  /** Adds a text, as it is; none of it when it does not fit. */
  text(text: string): void {
    if (this.ascii(text)) return;
    if (Buffer.byteLength(text) > BYTES.length - this.position) this.full = true;
    else this.position += BYTES.write(text, this.position);
  }

  /** Adds a text that lines share, encoded by the first of them. */
  shared(shared: SharedText): void {
    if (shared.encoded !== undefined) {
      this.put(shared.encoded);
      return;
    }
    const from = this.position;
    this.text(shared.text);
    if (!this.full) shared.encoded = this.encodedFrom(from);
  }

  /** What was written from `from` on. */
  encodedFrom(from: number): EncodedText {
    // What is behind it, from before, might make a NaN of its last word.
    VIEW.setFloat64(this.position, 0);
    return encodedIn(VIEW, from, this.position - from);
  }

  /**
   * Where a redactor has to look closely, from `from` on, in the text that was written from `start` on; the position
   * when nowhere.
   */
  nextSuspect(start: number, from: number): number {
    return nextSuspect(VIEW, start, from, this.position);
  }

  /** Whether JSON wants something escaped in what was written from `from` on. */
  needsEscape(from: number): boolean {
    return asciiNeedsEscape(BYTES, from, this.position);
  }

  /** Whether more was written than there is room for; `behind` are bytes still needed. */
  over(behind: number): boolean {
    return this.full || this.position + behind > this.limit;
  }

  /** Takes back everything from `position` on. */
  backTo(position: number): void {
    this.position = position;
    this.full = false;
    this.truncated = true;
  }

  /** What was written from `from` on. */
  textFrom(from: number, to: number = this.position): string {
    return BYTES.toString(undefined, from, to);
  }

  /** The text. */
  get whole(): string {
    return this.textFrom(this.start);
  }

  /** How long the text is, in bytes. */
  get length(): number {
    return this.position - this.start;
  }

  /** Copies the text's bytes. Says how many there are. */
  copyTo(target: Uint8Array, at: number): number {
    return BYTES.copy(target, at, this.start, this.position);
  }
}

export type { LineBuffer };
export const lineBuffer: LineBuffer = new LineBuffer();
