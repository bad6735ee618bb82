import { type Group, isEscaped, MUST_ESCAPE } from "./trigger-table.ts";

/**
 * Where any redactor of this process has to look closely: one table for all of them, because a loop over constant
 * arrays is twice as fast; who shares the process with others looks a little more often.
 *
 * For each pair of neighbouring ASCII characters, `(character << 8) | before`, as two bytes are read at once: its class,
 * 0 when nobody looks, and the bit `IN_RUN` when the second may be part of a card number, SSN or IBAN.
 */
const PAIRS: Uint8Array = new Uint8Array(65_536);
/** For `(class << 7) | character`: bits that must meet those in `FOURTHS` when it stands in front of the pair. */
const THIRDS: Int32Array = new Int32Array(128 * 128);
/** The same one further in front. */
const FOURTHS: Int32Array = new Int32Array(128 * 128);
const CLASS = 127;
const IN_RUN = 128;
const BLANK = 32;
const QUOTE = 34;

/** Digits, capitals and separators (blank, dash, and plus in a query): what card numbers, SSN and IBAN are written with. */
const RUN_CHARACTERS = " +-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A run of these shorter than this holds no such number. */
export const RUN_MIN = 11;

// By UTF-16 code unit, so that no look-up is ever out of bounds.
const RUN: Uint8Array = new Uint8Array(65_536);
for (const character of RUN_CHARACTERS) {
  RUN[character.charCodeAt(0)] = 1;
  for (let before = 0; before < 128; before++) PAIRS[(character.charCodeAt(0) << 8) | before] = IN_RUN;
}

/** Whether the character at `index` may be part of such a number. */
export const isRun = (text: string, index: number): boolean => RUN[text.charCodeAt(index)] === 1;

/** Adds what a redactor, whose tables these are, looks at. */
export function addSuspects(pairs: Uint8Array, groups: readonly Group[]): void {
  pairs.forEach((group, pair) => {
    // What must be escaped is looked at whatever stands in front, also where a detector has its own condition.
    const condition = isEscaped(pair & 127) ? MUST_ESCAPE : group;
    if (group !== 0) addPair(pair, condition, groups[condition]!);
  });
}

// The first redactor's groups become the classes; what another wants of a pair is added to the pair's class.
function addPair(pair: number, group: number, { thirds, fourths }: Group): void {
  const before = pair >> 7;
  // A text begins as if behind a blank. Where it is being written, there is its quote.
  if (before === BLANK) addPair((QUOTE << 7) | (pair & 127), group, { detectors: [], thirds, fourths });
  const place = ((pair & 127) << 8) | before;
  const known = PAIRS[place]! & CLASS;
  const own = known === 0 ? Math.min(group, CLASS) : known;
  PAIRS[place]! |= own;
  for (let code = 0; code < 128; code++) {
    THIRDS[(own << 7) | code]! |= thirds[code]!;
    FOURTHS[(own << 7) | code]! |= fourths[code]!;
  }
}

/**
 * The first place from `from` on, and before `end`, where a redactor has to look closely; `end` when there is none. The
 * bytes are ASCII; the text begins at `start`, behind its quote. Two bytes behind the text are read and do not count.
 *
 * Three pairs are looked up at a time. In three such steps lies every run that is long enough for a number, so that
 * three in a row are worth a count.
 */
export function nextSuspect(bytes: DataView, start: number, from: number, end: number): number {
  let steps = 0;
  for (let index = from; index < end; index += 3) {
    const word = bytes.getInt32(index - 1, true);
    const first = PAIRS[word & 0xffff]!;
    const second = PAIRS[(word >> 8) & 0xffff]!;
    const third = PAIRS[word >>> 16]!;
    steps = (steps + 1) & -((first & second & third) >> 7);
    const classes = (first | second | third) & CLASS;
    if (classes === 0 && steps < 3) continue;
    if (steps === 3 && isLongRun(bytes, start, index, end)) return index;
    if (classes === 0) continue;
    const last = Math.min(index + 3, end);
    for (let place = index; place < last; place++) if (isSuspect(bytes, start, place)) return place;
  }
  return end;
}

function isSuspect(bytes: DataView, start: number, index: number): boolean {
  const kind = (PAIRS[bytes.getUint16(index - 1, true)]! & CLASS) << 7;
  if (kind === 0) return false;
  // In front of the text, there is a blank.
  const third = index - start < 2 ? BLANK : bytes.getUint8(index - 2) & 127;
  const fourth = index - start < 3 ? BLANK : bytes.getUint8(index - 3) & 127;
  return (THIRDS[kind | third]! & FOURTHS[kind | fourth]!) !== 0;
}

// `index` is within the run.
function isLongRun(bytes: DataView, start: number, index: number, end: number): boolean {
  let from = index;
  while (from > start && RUN[bytes.getUint8(from - 1)] !== 0) from--;
  let to = index;
  while (to < end && to - from < RUN_MIN && RUN[bytes.getUint8(to)] !== 0) to++;
  return to - from >= RUN_MIN;
}
