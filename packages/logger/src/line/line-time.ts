import { type EncodedText, encode } from "./encoded-text.ts";
import { lineBuffer } from "./line-buffer.ts";

const SECOND_MS = 1_000;
const ZERO = 48;
// `2026-11-20T08:47:41.960Z`, in words of eight bytes: the last of them has the milliseconds.
const LENGTH = 24;
const LAST_WORD = 16;
const MILLISECONDS = 20;
const bytes = new DataView(new ArrayBuffer(LENGTH));
const words = [0, 0, 0];
const time: EncodedText = { words, length: LENGTH };

let ms = Number.NaN;
let second = Number.NaN;
/** The time where it is not written so: beyond the year 9999. */
let unusual: EncodedText | undefined;

/**
 * Writes the time now into the line, as ISO 8601 in UTC with milliseconds. Within a second only its last word is written
 * anew: a service of a few hundred requests a second has a millisecond of its own for each line.
 */
export function putTime(): void {
  const now = Date.now();
  if (now !== ms) {
    ms = now;
    const itsSecond = Math.floor(now / SECOND_MS);
    if (itsSecond !== second) beginSecond(now, itsSecond);
    const fraction = now - itsSecond * SECOND_MS;
    bytes.setUint8(MILLISECONDS, ZERO + Math.floor(fraction / 100));
    bytes.setUint8(MILLISECONDS + 1, ZERO + (Math.floor(fraction / 10) % 10));
    bytes.setUint8(MILLISECONDS + 2, ZERO + (fraction % 10));
    words[2] = bytes.getFloat64(LAST_WORD, true);
  }
  lineBuffer.put(unusual ?? time);
}

function beginSecond(now: number, itsSecond: number): void {
  const text = new Date(now).toISOString();
  unusual = text.length === LENGTH ? undefined : encode(text);
  // The text of such a time is made anew each millisecond.
  second = unusual === undefined ? itsSecond : Number.NaN;
  if (unusual !== undefined) return;
  for (let at = 0; at < LENGTH; at++) bytes.setUint8(at, text.charCodeAt(at));
  words[0] = bytes.getFloat64(0, true);
  words[1] = bytes.getFloat64(8, true);
}
