const NIBBLE = new Uint8Array(128);
for (let i = 0; i < 16; i++) NIBBLE[i.toString(16).charCodeAt(0)] = i;

// Up to here a loop is faster than the built-in.
const SHORT = 64;
const TWO_32 = 4_294_967_296;
const float = new DataView(new ArrayBuffer(8));

/** How many bytes the length of a message takes; `small` ones are below 128 bytes. */
export const lengthBytes = (small: boolean): number => (small ? 1 : 4);

/**
 * Writes protobuf (encoding spec, protobuf.dev) into one buffer. Lengths that are not known beforehand are
 * padded varints, valid though not shortest: nothing is measured first and nothing is moved afterwards.
 *
 * What does not fit is not written while the position goes on: {@link overflowed} tells.
 */
export class ProtobufWriter {
  readonly #buffer: Buffer;
  position = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get overflowed(): boolean {
    return this.position > this.#buffer.length;
  }

  get free(): number {
    return this.#buffer.length - this.position;
  }

  /** A copy of what has been written. */
  copy(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.position));
  }

  /** A copy of what has been written since `start`; undefined where it did not fit. */
  copyFrom(start: number): Uint8Array | undefined {
    return this.overflowed ? undefined : Uint8Array.from(this.#buffer.subarray(start, this.position));
  }

  byte(value: number): void {
    this.#buffer[this.position++] = value;
  }

  bytes(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > SHORT) {
      if (length <= this.free) this.#buffer.set(bytes, this.position);
      this.position += length;
      return;
    }
    // Writes beyond the end go nowhere.
    const buffer = this.#buffer;
    const start = this.position;
    for (let i = 0; i < length; i++) buffer[start + i] = bytes[i]!;
    this.position = start + length;
  }

  /** An unsigned integer below 2^53. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.position++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.position++] = rest;
  }

  /** An int64, negative ones as their two's complement. */
  int64(value: number): void {
    if (value >= 0) {
      this.varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.#buffer[this.position++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#buffer[this.position++] = Number(rest);
  }

  double(value: number): void {
    float.setFloat64(0, value, true);
    this.#word(float.getUint32(0, true));
    this.#word(float.getUint32(4, true));
  }

  fixed32(value: number): void {
    this.#word(value);
  }

  /** Milliseconds since 1970 as fixed64 nanoseconds, in two halves: a double does not hold them. */
  nanoseconds(ms: number): void {
    const micros = Math.floor(ms * 1_000);
    const high = Math.floor(micros / TWO_32);
    const low = (micros - high * TWO_32) * 1_000 + Math.floor((ms * 1_000 - micros) * 1_000);
    const carry = Math.floor(low / TWO_32);
    this.#word(low - carry * TWO_32);
    this.#word(high * 1_000 + carry);
  }

  /** Hexadecimal digits as bytes, two of them each, without a length. */
  hex(text: string): void {
    const buffer = this.#buffer;
    let at = this.position;
    for (let i = 1; i < text.length; i += 2) {
      buffer[at++] = (NIBBLE[text.charCodeAt(i - 1)]! << 4) | NIBBLE[text.charCodeAt(i)]!;
    }
    this.position = at;
  }

  /** A field of bytes, given as hexadecimal digits. */
  id(tag: number, digits: string): void {
    this.byte(tag);
    this.byte(digits.length >> 1);
    this.hex(digits);
  }

  /** A field of a whole number from 0, which is left out where it is 0. */
  count(tag: number, value: number): void {
    if (value === 0) return;
    this.byte(tag);
    this.varint(value);
  }

  /** A string with its length in front. */
  string(text: string): void {
    const { length } = text;
    if (length < 64 && this.#shortAscii(text)) return;
    // Three bytes of UTF-8 a UTF-16 unit at most.
    const start = this.open();
    this.position += this.free > 0 ? this.#buffer.write(text, this.position, "utf8") : 0;
    // Buffer.write stops at the end without a word: make that an overflow.
    if (this.free < 4 && this.position - start < length * 3) this.position = this.#buffer.length + 1;
    this.close(start);
  }

  /** Leaves room for the length of a message: `small` ones are below 128 bytes. Returns where it begins. */
  open(small = false): number {
    this.position += lengthBytes(small);
    return this.position;
  }

  /** Writes the length of the message that began at `start`, opened with the same `small`. */
  close(start: number, small = false): void {
    const buffer = this.#buffer;
    const length = this.position - start;
    if (small) {
      buffer[start - 1] = length;
      return;
    }
    buffer[start - 4] = (length & 127) | 128;
    buffer[start - 3] = ((length >> 7) & 127) | 128;
    buffer[start - 2] = ((length >> 14) & 127) | 128;
    buffer[start - 1] = length >> 21;
  }

  #shortAscii(text: string): boolean {
    const buffer = this.#buffer;
    const start = this.position;
    let at = start + 1;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      buffer[at++] = code;
    }
    buffer[start] = text.length;
    this.position = at;
    return true;
  }

  #word(value: number): void {
    const buffer = this.#buffer;
    const at = this.position;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    buffer[at + 2] = value >>> 16;
    buffer[at + 3] = value >>> 24;
    this.position = at + 4;
  }
}
