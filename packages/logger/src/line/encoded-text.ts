/**
 * Text that many lines share, as UTF-8 in words of eight bytes: copying these costs less than asking for a string to be
 * encoded. No such word is ever a NaN, which an engine may change on its way: that takes a last byte of 0xff, or of 0x7f
 * behind one from 0xf0 on, and UTF-8 has neither.
 */
export interface EncodedText {
  readonly words: readonly number[];
  /** In bytes. */
  readonly length: number;
}

/** Encodes a text that many lines will hold. */
export function encode(text: string): EncodedText {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(8 * Math.ceil(length / 8));
  bytes.write(text);
  return encodedIn(new DataView(bytes.buffer, bytes.byteOffset), 0, length);
}

/** The `length` bytes from `from` on in `view`, which is readable to the end of their last word. */
export function encodedIn(view: DataView, from: number, length: number): EncodedText {
  const words: number[] = [];
  // Little-endian as `put` writes them, whatever the machine is.
  for (let at = 0; at < length; at += 8) words.push(view.getFloat64(from + at, true));
  return { words, length };
}

/** A text that more lines may hold than the one that is written. */
export interface SharedText {
  readonly text: string;
  /** The text, encoded, once a line has held it. */
  encoded: EncodedText | undefined;
}
