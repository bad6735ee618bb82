import type { Detector, Span } from "../detect/detector.ts";
import { findNumber, type NumberKinds } from "../detect/number.ts";
import { RUN_MIN } from "../detect/number-run.ts";
import { addSuspects } from "./byte-scan.ts";
import { createTriggerTable, ENCODED, isEscaped } from "./trigger-table.ts";

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
  /** The same of what `nextSuspect` has found at `index`. */
  inspectAt(text: string, index: number): Inspection;
  /** Whether the text holds a card number, SSN or IBAN. */
  holdsNumber(text: string): boolean;
  /** All secrets, in order, none overlapping another. */
  spans(text: string): Span[];
}

/** Builds a scanner for these detectors and numbers. */
export function createScanner(detectors: readonly Detector[], numbers: NumberKinds): Scanner {
  const hasNumbers = numbers.card || numbers.ssn || numbers.iban;
  const { pairs, groups } = createTriggerTable(detectors);
  addSuspects(groups);

  function findAt(index: number, group: number, text: string): Span | undefined {
    const { lasts, seconds, thirds, fourths, detectors } = groups[group]!;
    const last = Math.min(text.charCodeAt(index), 127);
    const second = index < 1 ? 32 : Math.min(text.charCodeAt(index - 1), 127);
    // In front of the text, there is a blank.
    const third = index < 2 ? 32 : Math.min(text.charCodeAt(index - 2), 127);
    const fourth = index < 3 ? 32 : Math.min(text.charCodeAt(index - 3), 127);
    for (
      let bits = lasts[last]! & seconds[second]! & thirds[third]! & fourths[fourth]!;
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
          before = 127;
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
      let before = 32;
      for (let i = 0; i < text.length; i++) {
        if (number !== undefined && i >= number.end) {
          if (number.end > floor) accept(number);
          number = findNumber(text, Math.max(floor, number.end), numbers);
        }
        const code = Math.min(text.charCodeAt(i), 127);
        const group = pairs[(code << 8) | before]!;
        before = code;
        if (group <= ENCODED) continue;
        const span = findAt(i, group, text);
        if (span === undefined || span.end <= floor) continue;
        // Only the host is left of what looked like an address: the rest was a password.
        if (span.kind === "email" && span.start < floor && i <= floor) continue;
        accept(span);
        i = Math.max(i, span.end - 1);
        before = Math.min(text.charCodeAt(i), 127);
      }
      if (number !== undefined && number.end > floor) accept(number);
      return found;
    },
  };
}
