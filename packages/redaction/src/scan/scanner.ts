import { type DetectorList, type Span, type Trigger, triggersOf } from "../detect/detector.ts";
import { findNumber, type NumberKinds } from "../detect/number.ts";
import { RUN_MIN } from "../detect/number-run.ts";
import { addSuspects, setSuspects } from "./byte-scan.ts";
import { suspectsWithoutIp } from "./packed-tables.ts";
import {
  createTriggerTable,
  ENCODED,
  isEscaped,
  type PackedTriggerTable,
  type TriggerTable,
  unpackTriggerTable,
} from "./trigger-table.ts";

/** What a serialiser has to do with a string. */
export type Inspection = typeof CLEAN | typeof ESCAPE | typeof SCAN;
/** Holds no secret and nothing that JSON escapes: it may be written between quotes as it is. */
export const CLEAN = 0;
/** Holds no secret, but something that JSON escapes. */
export const ESCAPE = 1;
/** Holds a secret, or may: give it to `redactText`. */
export const SCAN = 2;

// A character that is none of ASCII, as the last of a pair.
const BEYOND = 127 << 8;

/** Finds the secrets of a text in one pass. */
export interface Scanner {
  /** What a serialiser has to do with this text; never says `CLEAN` of a text that `spans` finds something in. */
  inspect(text: string): Inspection;
  /** The same of what `nextSuspect` has found at `index`. */
  inspectAt(text: string, index: number): Inspection;
  /** Whether the text holds a card number, SSN or IBAN. */
  holdsNumber(text: string): boolean;
  /** All secrets, in order, none overlapping another. */
  spans(text: string): Span[];
}

/** The table of some detectors, as the build has worked it out. */
export interface PackedTables {
  readonly table: PackedTriggerTable;
  /** Triggers that the suspects of most redactors are without. */
  readonly others: readonly Trigger[];
}

/**
 * Builds a scanner for these detectors and numbers.
 *
 * @param packed the tables of all of these detectors; undefined where they are to be worked out
 */
export function createScanner(
  detectors: DetectorList,
  numbers: NumberKinds,
  packed: PackedTables | undefined,
): Scanner {
  const hasNumbers = numbers.card || numbers.ssn || numbers.iban;
  const { pairs, groupAt, agreed } = tablesOf(detectors, packed);

  function findAt(index: number, group: number, text: string): Span | undefined {
    const detectors = groupAt(group);
    const masks = group << 9;
    const last = Math.min(text.charCodeAt(index), 127);
    const second = index < 1 ? 32 : Math.min(text.charCodeAt(index - 1), 127);
    // In front of the text, there is a blank.
    const third = index < 2 ? 32 : Math.min(text.charCodeAt(index - 2), 127);
    const fourth = index < 3 ? 32 : Math.min(text.charCodeAt(index - 3), 127);
    for (
      let bits =
        agreed[masks | last]! &
        agreed[masks | 128 | second]! &
        agreed[masks | 256 | third]! &
        agreed[masks | 384 | fourth]!;
      bits !== 0;
      bits &= bits - 1
    ) {
      const asked = detectors[31 - Math.clz32(bits & -bits)]!;
      for (let i = 0; i < asked.length; i++) {
        const span = asked[i]!.find(text, index);
        if (span !== undefined) return span;
      }
    }
    return undefined;
  }

  const isSecretAt = (text: string, index: number, group: number): boolean =>
    group === ENCODED || (group > ENCODED && findAt(index, group, text) !== undefined);
  const holdsNumber = (text: string): boolean =>
    hasNumbers && text.length >= RUN_MIN && findNumber(text, 0, numbers) !== undefined;

  return {
    inspect(text) {
      if (holdsNumber(text)) return SCAN;
      const table = pairs;
      const length = text.length;
      let result: Inspection = CLEAN;
      let before = 32;
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) {
          // A lone surrogate must be escaped; a pair may be. C1 controls drive terminals.
          if ((code >= 0xd800 && code <= 0xdfff) || code < 160) result = ESCAPE;
          const group = table[BEYOND | before]!;
          before = 127;
          if (group > ENCODED && isSecretAt(text, i, group)) return SCAN;
          continue;
        }
        const group = table[(code << 8) | before]!;
        before = code;
        if (group === 0) continue;
        if (isEscaped(code)) result = ESCAPE;
        if (isSecretAt(text, i, group)) return SCAN;
      }
      return result;
    },

    inspectAt(text, index) {
      const code = text.charCodeAt(index);
      const group = pairs[(code << 8) | (index === 0 ? 32 : text.charCodeAt(index - 1))]!;
      if (group === 0) return CLEAN;
      if (isSecretAt(text, index, group)) return SCAN;
      return isEscaped(code) ? ESCAPE : CLEAN;
    },

    holdsNumber,

    spans(text) {
      const found: Span[] = [];
      let number = hasNumbers ? findNumber(text, 0, numbers) : undefined;
      let floor = 0;
      const accept = (span: Span): void => {
        found.push(span.start < floor ? { ...span, start: floor } : span);
        floor = span.end;
      };
      // Found already, and not yet come to; in order.
      let ahead: Span[] = [];
      let before = 32;
      for (let i = 0; i < text.length; i++) {
        if (ahead.length > 0 && i >= ahead[0]!.start) {
          const span = ahead.shift()!;
          if (span.end <= floor) continue;
          accept(span);
          i = Math.max(i, span.end - 1);
          before = Math.min(text.charCodeAt(i), 127);
          continue;
        }
        if (number !== undefined && i >= number.end) {
          if (number.end > floor) accept(number);
          number = findNumber(text, Math.max(floor, number.end), numbers);
        }
        const code = Math.min(text.charCodeAt(i), 127);
        const group = pairs[(code << 8) | before]!;
        before = code;
        if (group <= ENCODED) continue;
        const span = findAt(i, group, text);
        if (span === undefined || (span.end <= floor && span.rest === undefined)) continue;
        // Only the host is left of what looked like an address: the rest was a password.
        if (span.kind === "email" && span.start < floor && i <= floor) continue;
        if (span.rest !== undefined) ahead = [...ahead, ...span.rest].sort((a, b) => a.start - b.start);
        if (span.isAhead === true && span.start > i + 1) {
          const place = ahead.findIndex(({ start }) => start >= span.start);
          if (place === -1) ahead.push(span);
          else if (ahead[place]!.start > span.start) ahead.splice(place, 0, span);
          continue;
        }
        if (span.end <= floor) continue;
        accept(span);
        i = Math.max(i, span.end - 1);
        before = Math.min(text.charCodeAt(i), 127);
      }
      // What ends with the text was never come to.
      for (const span of ahead) if (span.end > floor) accept(span);
      if (number !== undefined && number.end > floor) accept(number);
      return found;
    },
  };
}

function tablesOf(detectors: DetectorList, packed: PackedTables | undefined): TriggerTable {
  setSuspects(suspectsWithoutIp);
  if (packed === undefined) {
    addSuspects(triggersOf(detectors));
    return createTriggerTable(detectors);
  }
  addSuspects(packed.others);
  return unpackTriggerTable(packed.table, detectors);
}
