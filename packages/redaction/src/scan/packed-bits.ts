import { endianness } from "node:os";

/** An array of whole numbers of at most 32 bits. */
type Bits = Uint8Array | Uint16Array | Int32Array;

/** An array of whole numbers of at most 16 bits. */
type Rows = Uint8Array | Uint16Array;

/**
 * The bits of an array with long runs of equal numbers as text, for {@link setBits}: in turn the length of each run and its
 * number, each as a varint (protobuf's), in Base64.
 */
export function packBits(array: Bits): string {
  const bytes: number[] = [];
  for (let start = 0, end = 0; start < array.length; start = end) {
    while (end < array.length && array[end] === array[start]) end++;
    pushVarint(bytes, end - start);
    pushVarint(bytes, array[start]!);
  }
  return Buffer.from(bytes).toString("base64");
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value >>> 0;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
}

/** Sets, beside those that are set, the bits that {@link packBits} has packed. */
export function setBits(array: Bits, packed: string): void {
  const bytes = Buffer.from(packed, "base64");
  let at = 0;
  let start = 0;
  // The same twice instead of a function: the first runs are read while a service starts, by code that is still cold.
  while (at < bytes.length) {
    let length = 0;
    for (let shift = 0, byte = 128; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      length |= (byte & 127) << shift;
    }
    let bits = 0;
    for (let shift = 0, byte = 128; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      bits |= (byte & 127) << shift;
    }
    const end = start + length;
    if (bits !== 0) for (let i = start; i < end; i++) array[i]! |= bits;
    start = end;
  }
}

/** What an array holds whose rows are often alike, as text, for {@link setRows}. */
export function packRows(array: Rows, width: number): string {
  const rows = Array.from({ length: array.length / width }, (_, row) =>
    packWords(array.subarray(row * width, (row + 1) * width)),
  );
  const different = [...new Set(rows)];
  if (different.length > 256) throw new RangeError("there are more different rows than have a number");
  const numbers = Buffer.from(rows.map((row) => different.indexOf(row)));
  return Buffer.concat([numbers, ...different.map((row) => Buffer.from(row, "base64"))]).toString("base64");
}

/** Makes an array hold what {@link packRows} has packed: the number of each row, then the different rows. */
export function setRows(array: Rows, width: number, packed: string): void {
  const bytes = Buffer.from(packed, "base64");
  const all = bytesOf(array);
  const length = width * array.BYTES_PER_ELEMENT;
  const count = array.length / width;
  // There are few, and making a view of one costs more than copying it.
  const different: Uint8Array[] = [];
  for (let row = 0; row < count; row++) {
    const number = bytes[row]!;
    const start = count + number * length;
    different[number] ??= bytes.subarray(start, start + length);
    all.set(different[number], row * length);
  }
  lowestFirst(all, array.BYTES_PER_ELEMENT);
}

/** What an array holds as text, for {@link setWords}: the bytes of each number, the lowest first, in Base64. */
export const packWords = (array: Rows | Int32Array): string =>
  lowestFirst(bytesOf(array.slice()), array.BYTES_PER_ELEMENT).toString("base64");

/** Makes an array hold what {@link packWords} has packed. */
export function setWords(array: Int32Array, packed: string): void {
  const all = bytesOf(array);
  all.set(Buffer.from(packed, "base64"));
  lowestFirst(all, array.BYTES_PER_ELEMENT);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Rows | Int32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Turns the bytes of each number around where this machine has the highest first. */
function lowestFirst(words: Buffer, size: number): Buffer {
  if (endianness() === "LE" || size === 1) return words;
  return size === 2 ? words.swap16() : words.swap32();
}
