import { randomFillSync } from "node:crypto";

// Random bytes are fetched in bulk and written as digits in pieces: ids are then slices of a text, which costs next to
// nothing. A text is short, because an id that is kept keeps it.
const bytes = Buffer.allocUnsafeSlow(8_192);
const TEXT_BYTES = 512;
const NO_SPAN = "0".repeat(16);
const NO_TRACE = "0".repeat(32);
let used = bytes.length;
let digits = "";
let next = 0;

function take(count: number): string {
  if (next + count > digits.length) {
    if (used === bytes.length) {
      randomFillSync(bytes);
      used = 0;
    }
    digits = bytes.toString("hex", used, used + TEXT_BYTES);
    used += TEXT_BYTES;
    next = 0;
  }
  next += count;
  return digits.slice(next - count, next);
}

/** A random span id: 16 hexadecimal digits, never all zero (W3C trace context, section 3.2.2.4). */
export function newSpanId(): string {
  const id = take(16);
  return id === NO_SPAN ? newSpanId() : id;
}

/** A random trace id: 32 hexadecimal digits, never all zero. */
export function newTraceId(): string {
  const id = take(32);
  return id === NO_TRACE ? newTraceId() : id;
}
