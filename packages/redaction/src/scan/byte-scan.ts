import { isRunCode, RUN_CHARACTERS, RUN_MIN } from "../detect/number-run.ts";
import { ENCODED, ESCAPED, type Group, MUST_ESCAPE } from "./trigger-table.ts";

/**
 * Where any redactor of this process has to look closely: one table for all of them, because a loop over constant
 * arrays is twice as fast; who shares the process with others looks a little more often.
 *
 * For each pair of neighbouring ASCII characters, `(character << 8) | before`, as two bytes are read at once: its class,
 * 0 when nobody looks, and the bit `IN_RUN` when the second may be part of a card number, SSN or IBAN.
 */
const PAIRS: Uint8Array = new Uint8Array(65_536);
/** For `(class << 7) | character`: bits that must meet those below when it is the last of the pair. */
const LASTS: Int32Array = new Int32Array(128 * 128);
/** The same for the first of the pair. */
const SECONDS: Int32Array = new Int32Array(128 * 128);
/** The same directly in front of the pair. */
const THIRDS: Int32Array = new Int32Array(128 * 128);
/** The same one further in front. */
const FOURTHS: Int32Array = new Int32Array(128 * 128);
const CLASS = 127;
const IN_RUN = 128;
// Eight tildes: no part of a run, nor of any secret.
const PADDING = Buffer.alloc(8, "~").readDoubleLE();
const BLANK = 32;
const QUOTE = 34;

for (const character of RUN_CHARACTERS) {
  const code = character.charCodeAt(0);
  PAIRS.fill(IN_RUN, code << 8, (code << 8) + 128);
}
for (const code of ESCAPED) PAIRS.fill(MUST_ESCAPE, code << 8, (code << 8) + 128);
// Whatever stands in front of these.
LASTS.fill(-1, MUST_ESCAPE << 7, (ENCODED + 1) << 7);
SECONDS.fill(-1, MUST_ESCAPE << 7, (ENCODED + 1) << 7);
THIRDS.fill(-1, MUST_ESCAPE << 7, (ENCODED + 1) << 7);
FOURTHS.fill(-1, MUST_ESCAPE << 7, (ENCODED + 1) << 7);
// No class from here on has been used.
let free = ENCODED + 1;

/** Adds what a redactor, whose groups these are, looks at: they become the classes, or are added to those there are. */
export function addSuspects(groups: readonly Group[]): void {
  groups.forEach(({ pairs, lasts, seconds, thirds, fourths }, group) => {
    const joined = new Set<number>();
    for (const pair of pairs) {
      joined.add(classified(pair, group));
      // A text begins as if behind a blank. Where it is being written, there is its quote.
      if ((pair & 255) === BLANK) joined.add(classified((pair & ~255) | QUOTE, group));
    }
    for (const own of joined) {
      if (own >= free) {
        free = own + 1;
        LASTS.set(lasts, own << 7);
        SECONDS.set(seconds, own << 7);
        THIRDS.set(thirds, own << 7);
        FOURTHS.set(fourths, own << 7);
      } else {
        for (let code = 0; code < 128; code++) {
          LASTS[(own << 7) | code]! |= lasts[code]!;
          SECONDS[(own << 7) | code]! |= seconds[code]!;
          THIRDS[(own << 7) | code]! |= thirds[code]!;
          FOURTHS[(own << 7) | code]! |= fourths[code]!;
        }
      }
    }
  });
}

function classified(pair: number, group: number): number {
  if ((PAIRS[pair]! & CLASS) === 0) PAIRS[pair]! |= Math.min(group, CLASS);
  return PAIRS[pair]! & CLASS;
}

/**
 * The first place from `from` on, and before `end`, where a redactor has to look closely; `end` when there is none. The
 * bytes are ASCII; the text begins at `start`, behind its quote. Twelve bytes behind the text are overwritten.
 *
 * Twelve characters are looked at in one go, in four steps of three pairs: most texts are short, and a loop that is left
 * at another turn each time costs more than the look. In three steps lies every run that is long enough for a number, so
 * that three in a row are worth a count.
 */
export function nextSuspect(bytes: DataView, start: number, from: number, end: number): number {
  bytes.setFloat64(end, PADDING, true);
  bytes.setFloat64(end + 4, PADDING, true);
  // A bit a step, the latest last: those of this turn, and the last two of the one before.
  let runs = 0;
  for (let index = from; index < end; index += 12) {
    const a = threePairs(bytes.getInt32(index - 1, true));
    const b = threePairs(bytes.getInt32(index + 2, true));
    const c = threePairs(bytes.getInt32(index + 5, true));
    const d = threePairs(bytes.getInt32(index + 8, true));
    const classes = (a | b | c | d) & CLASS;
    const all = ((a & IN_RUN) >> 4) | ((b & IN_RUN) >> 5) | ((c & IN_RUN) >> 6) | (d >> 7);
    runs = ((runs << 4) | all) & 63;
    const inRow = runs & (runs >> 1) & (runs >> 2);
    if ((classes | inRow) === 0) continue;
    const found = lookClosely(bytes, start, index, end, classes, inRow);
    if (found !== -1) return found;
  }
  return end;
}

/** The first suspect place of the twelve from `index` on; -1 when there is none. Apart, so that the loop stays short. */
function lookClosely(
  bytes: DataView,
  start: number,
  index: number,
  end: number,
  classes: number,
  inRow: number,
): number {
  // Where the first three in a row end.
  const row = index + 11 - 3 * (31 - Math.clz32(inRow));
  const run = inRow !== 0 && isLongRun(bytes, start, row, end) ? row : end;
  if (classes !== 0) {
    const last = Math.min(index + 12, run);
    for (let place = index; place < last; place++) if (isSuspect(bytes, start, place)) return place;
  }
  return run < end ? run : -1;
}

// The classes of the three pairs in four bytes, and `IN_RUN` when it holds for all of them.
function threePairs(word: number): number {
  const first = PAIRS[word & 0xffff]!;
  const second = PAIRS[(word >> 8) & 0xffff]!;
  const third = PAIRS[word >>> 16]!;
  return ((first | second | third) & CLASS) | (first & second & third & IN_RUN);
}

function isSuspect(bytes: DataView, start: number, index: number): boolean {
  const pair = bytes.getUint16(index - 1, true);
  const kind = (PAIRS[pair]! & CLASS) << 7;
  if (kind === 0) return false;
  // In front of the text, there is its quote, and further in front a blank.
  const third = index - start < 2 ? BLANK : bytes.getUint8(index - 2) & 127;
  const fourth = index - start < 3 ? BLANK : bytes.getUint8(index - 3) & 127;
  const inPair = LASTS[kind | (pair >> 8)]! & SECONDS[kind | (index === start ? BLANK : pair & 127)]!;
  return (inPair & THIRDS[kind | third]! & FOURTHS[kind | fourth]!) !== 0;
}

// `index` is within the run.
function isLongRun(bytes: DataView, start: number, index: number, end: number): boolean {
  let from = index;
  while (from > start && isRunCode(bytes.getUint8(from - 1))) from--;
  let to = index;
  while (to < end && to - from < RUN_MIN && isRunCode(bytes.getUint8(to))) to++;
  return to - from >= RUN_MIN;
}
