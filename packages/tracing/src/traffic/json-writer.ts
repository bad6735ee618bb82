import type { Bins } from "./histogram.ts";

const FIRST_BYTES = 16_384;
// A slice needs less; what a longer text has taken is given back.
const KEPT_BYTES = 262_144;
// A call into the engine costs more than so many units written one by one.
const SHORT = 24;
const NUMBER_BYTES = 24;
const DIGITS_MAX = 2 ** 31;
const [COMMA, ZERO, MINUS, POINT, OPEN, CLOSE] = [0x2c, 0x30, 0x2d, 0x2e, 0x5b, 0x5d];

/**
 * JSON as bytes, written from beginning to end: hundreds of thousands of small numbers as texts and lists of their own would
 * be garbage by the megabyte, and what is alive when it is collected holds the event loop.
 */
export class JsonWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  #isAscii = true;
  /** Whether an element of the list that is being written stands before. */
  hasElements = false;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Begins an element of a list, by a comma where another stands before. */
  element(): void {
    if (this.hasElements) this.text(",");
    this.hasElements = true;
  }

  /** Text as it is. */
  text(text: string): void {
    this.#fit(text.length * 3);
    const { length } = text;
    if (length > SHORT) {
      const written = this.#bytes.write(text, this.#length);
      if (written !== length) this.#isAscii = false;
      this.#length += written;
      return;
    }
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        this.#isAscii = false;
        this.#length += this.#bytes.write(text.slice(i), this.#length + i) + i;
        return;
      }
      this.#bytes[this.#length + i] = unit;
    }
    this.#length += length;
  }

  /** A finite number. */
  number(value: number): void {
    this.#fit(NUMBER_BYTES);
    this.#length = digits(this.#bytes, this.#length, value);
  }

  /** A list of each bin that has a count, with its count. */
  bins({ low, width, counts }: Bins): void {
    this.#fit(2 + width * (2 * NUMBER_BYTES + 4));
    const bytes = this.#bytes;
    let at = this.#length;
    const first = at;
    bytes[at++] = OPEN;
    for (let i = 0; i < width; i++) {
      const count = counts[i]!;
      if (count === 0) continue;
      if (at > first + 1) bytes[at++] = COMMA;
      bytes[at++] = OPEN;
      at = digits(bytes, at, low + i);
      bytes[at++] = COMMA;
      at = digits(bytes, at, count);
      bytes[at++] = CLOSE;
    }
    bytes[at++] = CLOSE;
    this.#length = at;
  }

  /** All that was written since it was taken last, or that is thrown away. */
  take(): string {
    const text = this.#bytes.toString(this.#isAscii ? "latin1" : "utf8", 0, this.#length);
    this.#length = 0;
    this.#isAscii = true;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    return text;
  }

  #fit(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * (this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Writes a number from a place on. Returns where it ends. */
function digits(bytes: Buffer, at: number, value: number): number {
  const size = Math.abs(value);
  // Wraps where it is too large, and so is no longer the same.
  const whole = size | 0;
  if (whole === size) {
    if (value >= 0) return wholeDigits(bytes, at, whole);
    bytes[at] = MINUS;
    return wholeDigits(bytes, at + 1, whole);
  }
  // Weights have tenths; what has more, or is larger, is rare.
  const tenths = Math.round(value * 10);
  if (!(value > 0 && value < DIGITS_MAX) || tenths / 10 !== value) return at + bytes.write(String(value), at);
  const end = wholeDigits(bytes, at, whole);
  bytes[end] = POINT;
  bytes[end + 1] = ZERO + tenths - whole * 10;
  return end + 2;
}

function wholeDigits(bytes: Buffer, at: number, value: number): number {
  let end = at + 1;
  for (let power = 10; power <= value; power *= 10) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const tens = Math.trunc(rest / 10);
    bytes[i] = ZERO + rest - tens * 10;
    rest = tens;
  }
  return end;
}
