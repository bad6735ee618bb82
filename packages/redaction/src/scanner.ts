import { findInRun, findNumber, type NumberKinds, RUN_CHARACTERS, RUN_MIN } from "./detect-number.ts";
import type { Detector, Span } from "./detector.ts";
import { createTriggerTable, ENCODED, FOURTH, IN_RUN, THIRD } from "./trigger-table.ts";

/** What a serialiser has to do with a string. */
export type Inspection = typeof CLEAN | typeof ESCAPE | typeof SCAN;
/** Holds no secret and nothing that JSON escapes: it may be written between quotes as it is. */
export const CLEAN = 0;
/** Holds no secret, but something that JSON escapes. */
export const ESCAPE = 1;
/** Holds a secret, or may: give it to `redactText`. */
export const SCAN = 2;

/** Finds the secrets of a text in one pass. */
export interface Scanner {
  /** What a serialiser has to do with this text; never says `CLEAN` of a text that `spans` finds something in. */
  inspect(text: string): Inspection;
  /** All secrets, in order, none overlapping another. */
  spans(text: string): Span[];
}

const GROUP = IN_RUN - 1;

/** Builds a scanner for these detectors and numbers. */
export function createScanner(detectors: readonly Detector[], numbers: NumberKinds): Scanner {
  const hasNumbers = numbers.card || numbers.ssn || numbers.iban;
  const { pairs, groups } = createTriggerTable(detectors, hasNumbers ? RUN_CHARACTERS : "");

  function findAt(index: number, group: number, text: string): Span | undefined {
    const { fronts, detectors } = groups[group]!;
    // In front of the text, there is a blank.
    const third = index < 2 ? 32 : Math.min(text.charCodeAt(index - 2), 127);
    const fourth = index < 3 ? 32 : Math.min(text.charCodeAt(index - 3), 127);
    if ((fronts[third]! & THIRD) === 0 || (fronts[fourth]! & FOURTH) === 0) return undefined;
    for (let i = 0; i < detectors.length; i++) {
      const span = detectors[i]!.find(text, index);
      if (span !== undefined) return span;
    }
    return undefined;
  }

  function isSecretAt(text: string, index: number, group: number, run: number): boolean {
    if (group === ENCODED || (group > ENCODED && findAt(index, group, text) !== undefined)) return true;
    return run === RUN_MIN && typeof findInRun(text, index - RUN_MIN + 1, numbers) !== "number";
  }

  return {
    // The hottest loop of whoever writes log lines: one table look-up a character, and a count without a branch.
    inspect(text) {
      // Local: a variable of another scope or module is read again for every character.
      const table = pairs;
      const length = text.length;
      const groupBits = GROUP;
      const runMin = RUN_MIN;
      let result: Inspection = CLEAN;
      let before = 32;
      let run = 0;
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) {
          // A lone surrogate must be escaped; a pair may be.
          if (code >= 0xd800 && code <= 0xdfff) result = ESCAPE;
          before = 127;
          run = 0;
          continue;
        }
        const entry = table[(before << 7) | code]!;
        before = code;
        run = (run + 1) & -(entry >> 7);
        if ((entry & groupBits) === 0 && run !== runMin) continue;
        if (code < 32 || code === 34 || code === 92) result = ESCAPE;
        if (isSecretAt(text, i, entry & groupBits, run)) return SCAN;
      }
      return result;
    },

    spans(text) {
      const found: Span[] = [];
      let number = hasNumbers ? findNumber(text, 0, numbers) : undefined;
      let floor = 0;
      const accept = (span: Span): void => {
        found.push(span.start < floor ? { ...span, start: floor } : span);
        floor = span.end;
      };
      let before = 32;
      for (let i = 0; i < text.length; i++) {
        if (number !== undefined && i >= number.end) {
          if (number.end > floor) accept(number);
          number = findNumber(text, Math.max(floor, number.end), numbers);
        }
        const code = Math.min(text.charCodeAt(i), 127);
        const group = pairs[(before << 7) | code]! & GROUP;
        before = code;
        if (group <= ENCODED) continue;
        const span = findAt(i, group, text);
        if (span === undefined || span.end <= floor) continue;
        accept(span);
        i = Math.max(i, span.end - 1);
        before = Math.min(text.charCodeAt(i), 127);
      }
      if (number !== undefined && number.end > floor) accept(number);
      return found;
    },
  };
}
