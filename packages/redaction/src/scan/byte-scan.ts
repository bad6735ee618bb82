import type { Trigger } from "../detect/detector.ts";
import { isRunCode, RUN_CHARACTERS, RUN_MIN } from "../detect/number-run.ts";
import { packRows, packWords, setRows, setWords } from "./packed-bits.ts";
import { codes, ENCODED_PAIRS, ESCAPED } from "./trigger-table.ts";

/**
 * Where any redactor of this process has to look closely: one table for all of them, because a loop over constant
 * arrays is twice as fast; who shares the process with others looks a little more often.
 *
 * For each pair of neighbouring ASCII characters, `(character << 8) | before`, as two bytes are read at once: the groups
 * whose triggers end with it, seven bits; behind them those whose triggers have it one character further in front; and
 * the bit `IN_RUN` when its second may be part of a card number, SSN or IBAN. Where a group is in the first bits of a pair
 * and in the second ones of the pair before, three characters are as a trigger may have them.
 */
const PAIRS: Uint16Array = new Uint16Array(65_536);
const ENDS = 127;
const IN_FRONT = 7;
const IN_RUN = 1 << 15;
const GROUPS = 7;
/** Of the first group are the triggers of one character or two: whatever stands in front of these. */
const ANY_IN_FRONT = 1 << IN_FRONT;
/** A bit for each of three hashes of the three or four characters of a trigger (a Bloom filter). */
const TRIGGERS: Int32Array = new Int32Array(8_192);
const HASH_BITS = 18;
// Of the 32 bits of a product the upper ones are the mixed ones (Knuth, The Art of Computer Programming, 6.4).
const FIRST_FACTOR = 0x9e3779b1 | 0;
const SECOND_FACTOR = 0x85ebca6b | 0;
const THIRD_FACTOR = 0xc2b2ae35 | 0;
// Eight tildes: no part of a run, nor of any secret.
const PADDING = Buffer.alloc(8, "~").readDoubleLE();
const BLANK = 32;
const QUOTE = 34;
const BLANKS = (BLANK << 8) | BLANK;

PAIRS.fill(ANY_IN_FRONT);

for (const character of RUN_CHARACTERS) fillRow(character.charCodeAt(0), ANY_IN_FRONT | IN_RUN);
for (const code of ESCAPED) fillRow(code, ANY_IN_FRONT | 1);
for (const pair of ENCODED_PAIRS) PAIRS[pair]! |= 1;

function fillRow(code: number, bits: number): void {
  PAIRS.fill(bits, code << 8, (code << 8) | 128);
}

/** Of each last but one of a trigger, the characters that end those: each has a group of its own, as far as there are. */
const LASTS = new Map<number, number[]>();

/** Where to look closely, as texts: what each table holds. */
export type PackedSuspects = readonly [pairs: string, triggers: string];

// A pair's second character, or any other byte in its place, is the column of its row.
const ROW = 128;
let isSet = false;

/** All suspects that have been added so far. */
export const packSuspects = (): PackedSuspects => [packRows(PAIRS, ROW), packWords(TRIGGERS)];

/** Begins with what was packed, once in a process and before anything is added: it takes the place of what is there. */
export function setSuspects(packed: () => PackedSuspects): void {
  if (isSet) return;
  isSet = true;
  const [pairs, triggers] = packed();
  setRows(PAIRS, ROW, pairs);
  setWords(TRIGGERS, triggers);
}

/** Adds what a redactor looks at. */
export function addSuspects(triggers: Iterable<Trigger>): void {
  for (const trigger of triggers) {
    const lasts = codes(trigger.at(-1));
    const seconds = writtenCodes(trigger.at(-2));
    const group = trigger.length < 3 ? 0 : groupOf(lasts[0]!, seconds[0]!);
    for (const second of seconds) for (const last of lasts) PAIRS[(last << 8) | second]! |= 1 << group;
    if (group === 0) continue;
    const thirds = writtenCodes(trigger.at(-3));
    for (const third of thirds)
      for (const second of seconds) PAIRS[(second << 8) | third]! |= 1 << (IN_FRONT + group);
    // Without a fourth it is the hash of three.
    for (const fourth of trigger.length < 4 ? [0] : writtenCodes(trigger.at(-4))) {
      for (const third of thirds) {
        for (const second of seconds) {
          for (const last of lasts) {
            const characters = fourth | (third << 8) | (second << 16) | (last << 24);
            mark(hashOf(characters, FIRST_FACTOR));
            mark(hashOf(characters, SECOND_FACTOR));
            mark(hashOf(characters, THIRD_FACTOR));
          }
        }
      }
    }
  }
}

// Triggers that share their last two characters share a group: then each third of one is a third of another, too.
function groupOf(last: number, second: number): number {
  const known = LASTS.get(second) ?? [];
  LASTS.set(second, known);
  const rank = known.indexOf(last);
  return 1 + ((rank === -1 ? known.push(last) - 1 : rank) % (GROUPS - 1));
}

const hashOf = (characters: number, factor: number): number =>
  Math.imul(characters, factor) >>> (32 - HASH_BITS);

function mark(hash: number): void {
  TRIGGERS[hash >>> 5]! |= 1 << hash;
}

const isMarked = (hash: number): boolean => ((TRIGGERS[hash >>> 5]! >>> hash) & 1) !== 0;

const isTrigger = (characters: number): boolean =>
  isMarked(hashOf(characters, FIRST_FACTOR)) &&
  isMarked(hashOf(characters, SECOND_FACTOR)) &&
  isMarked(hashOf(characters, THIRD_FACTOR));

// A text begins as if behind a blank. Where it is being written, there is its quote.
function writtenCodes(characters: string | undefined): readonly number[] {
  return characters?.includes(" ") === true ? [...codes(characters), QUOTE] : codes(characters);
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
  let before = PAIRS[from === start ? BLANKS : bytes.getUint16(from - 2, true)]!;
  for (let index = from; index < end; index += 12) {
    const wordA = bytes.getInt32(index - 1, true);
    const a1 = PAIRS[wordA & 0xffff]!;
    const a2 = PAIRS[(wordA >> 8) & 0xffff]!;
    const a3 = PAIRS[wordA >>> 16]!;
    const wordB = bytes.getInt32(index + 2, true);
    const b1 = PAIRS[wordB & 0xffff]!;
    const b2 = PAIRS[(wordB >> 8) & 0xffff]!;
    const b3 = PAIRS[wordB >>> 16]!;
    const wordC = bytes.getInt32(index + 5, true);
    const c1 = PAIRS[wordC & 0xffff]!;
    const c2 = PAIRS[(wordC >> 8) & 0xffff]!;
    const c3 = PAIRS[wordC >>> 16]!;
    const wordD = bytes.getInt32(index + 8, true);
    const d1 = PAIRS[wordD & 0xffff]!;
    const d2 = PAIRS[(wordD >> 8) & 0xffff]!;
    const d3 = PAIRS[wordD >>> 16]!;
    const a = (a1 & (before >> IN_FRONT)) | (a2 & (a1 >> IN_FRONT)) | (a3 & (a2 >> IN_FRONT));
    const b = (b1 & (a3 >> IN_FRONT)) | (b2 & (b1 >> IN_FRONT)) | (b3 & (b2 >> IN_FRONT));
    const c = (c1 & (b3 >> IN_FRONT)) | (c2 & (c1 >> IN_FRONT)) | (c3 & (c2 >> IN_FRONT));
    const d = (d1 & (c3 >> IN_FRONT)) | (d2 & (d1 >> IN_FRONT)) | (d3 & (d2 >> IN_FRONT));
    before = d3;
    const all =
      ((a1 & a2 & a3 & IN_RUN) >> 12) |
      ((b1 & b2 & b3 & IN_RUN) >> 13) |
      ((c1 & c2 & c3 & IN_RUN) >> 14) |
      ((d1 & d2 & d3) >> 15);
    runs = ((runs << 4) | all) & 63;
    const inRow = runs & (runs >> 1) & (runs >> 2);
    if ((((a | b | c | d) & ENDS) | inRow) === 0) continue;
    const found = lookClosely(bytes, start, index, end, a & ENDS, b & ENDS, c & ENDS, d & ENDS, inRow);
    if (found !== -1) return found;
  }
  return end;
}

/** The first suspect place of the twelve from `index` on, whose steps are `a` to `d`; -1 when there is none. */
function lookClosely(
  bytes: DataView,
  start: number,
  index: number,
  end: number,
  a: number,
  b: number,
  c: number,
  d: number,
  inRow: number,
): number {
  // Where the first three in a row end.
  const row = index + 11 - 3 * (31 - Math.clz32(inRow));
  const run = inRow !== 0 && isLongRun(bytes, start, row, end) ? row : end;
  // Most often it is one step of the four.
  const first = a !== 0 ? 0 : b !== 0 ? 3 : c !== 0 ? 6 : 9;
  const behind = d !== 0 ? 12 : c !== 0 ? 9 : b !== 0 ? 6 : 3;
  const last = Math.min(index + behind, run);
  for (let place = index + first; place < last; place++) if (isSuspect(bytes, start, place)) return place;
  return run < end ? run : -1;
}

const ALL_BUT_FOURTH = ~0xff;

function isSuspect(bytes: DataView, start: number, index: number): boolean {
  const ends = PAIRS[bytes.getUint16(index - 1, true)]! & ENDS;
  if (ends === 0) return false;
  const agreed = ends & (PAIRS[index === start ? BLANKS : bytes.getUint16(index - 2, true)]! >> IN_FRONT);
  if ((agreed & 1) !== 0) return true;
  if (agreed === 0) return false;
  const four = index - start < 3 ? fourAtStart(bytes, start, index) : bytes.getInt32(index - 3, true);
  return isTrigger(four) || isTrigger(four & ALL_BUT_FOURTH);
}

// In front of the text, there is its quote, and further in front a blank.
function fourAtStart(bytes: DataView, start: number, index: number): number {
  let four = 0;
  for (let place = index - 3; place <= index; place++)
    four = (four >>> 8) | ((place < start - 1 ? BLANK : bytes.getUint8(place)) << 24);
  return four;
}

// `index` is within the run.
function isLongRun(bytes: DataView, start: number, index: number, end: number): boolean {
  let from = index;
  while (from > start && isRunCode(bytes.getUint8(from - 1))) from--;
  let to = index;
  while (to < end && to - from < RUN_MIN && isRunCode(bytes.getUint8(to))) to++;
  return to - from >= RUN_MIN;
}
