import { findNumber, type NumberKinds, RUN_MIN } from "./detect-number.ts";
import type { Detector, Span } from "./detector.ts";
import { createTriggerTable, ENCODED } from "./trigger-table.ts";

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

/** Builds a scanner for these detectors and numbers. */
export function createScanner(detectors: readonly Detector[], numbers: NumberKinds): Scanner {
  const { pairs, groups } = createTriggerTable(detectors);
  const hasNumbers = numbers.card || numbers.ssn || numbers.iban;

  function findAt(index: number, group: number, text: string): Span | undefined {
    const { thirds, detectors } = groups[group]!;
    const third = index < 2 ? 32 : text.charCodeAt(index - 2);
    if (thirds[Math.min(third, 127)] === 0) return undefined;
    for (let i = 0; i < detectors.length; i++) {
      const span = detectors[i]!.find(text, index);
      if (span !== undefined) return span;
    }
    return undefined;
  }

  return {
    inspect(text) {
      let result: Inspection = CLEAN;
      let before = 32;
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) {
          // A lone surrogate must be escaped; a pair may be.
          if (code >= 0xd800 && code <= 0xdfff) result = ESCAPE;
          before = 127;
          continue;
        }
        const group = pairs[(before << 7) | code]!;
        before = code;
        if (group === 0) continue;
        if (code < 32 || code === 34 || code === 92) result = ESCAPE;
        if (group === ENCODED || (group > ENCODED && findAt(i, group, text) !== undefined)) return SCAN;
      }
      if (hasNumbers && text.length >= RUN_MIN && findNumber(text, 0, numbers) !== undefined) return SCAN;
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
        const group = pairs[(before << 7) | code]!;
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
