import { findNumber, type NumberKinds, RUN_MIN } from "./detect-number.ts";
import { ANY, type Detector, type Span } from "./detector.ts";

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

const MUST_ESCAPE = 1;

/** Builds the trigger table: for each pair of neighbouring ASCII characters, the detectors to ask. */
export function createScanner(detectors: readonly Detector[], numbers: NumberKinds): Scanner {
  const groups: Detector[][] = [[], []];
  const table = triggerTable(detectors, groups);
  const hasNumbers = numbers.card || numbers.ssn;

  function findAt(group: number, text: string, index: number): Span | undefined {
    for (const detector of groups[group]!) {
      const span = detector.find(text, index);
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
          if (code >= 0xd800 && code <= 0xdfff) result = ESCAPE;
          before = 127;
          continue;
        }
        const group = table[(before << 7) | code]!;
        before = code;
        if (group === 0) continue;
        if (code < 32 || code === 34 || code === 92) result = ESCAPE;
        if (group > MUST_ESCAPE && findAt(group, text, i) !== undefined) return SCAN;
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
        const group = table[(before << 7) | code]!;
        before = code;
        if (group <= MUST_ESCAPE) continue;
        const span = findAt(group, text, i);
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

function triggerTable(detectors: readonly Detector[], groups: Detector[][]): Uint8Array {
  const wanted = new Map<number, Detector[]>();
  for (const detector of detectors) {
    const pairs = new Set<number>();
    for (const [before, character] of detector.triggers) {
      const code = character.charCodeAt(0);
      if (before !== ANY) pairs.add((before.charCodeAt(0) << 7) | code);
      else for (let first = 0; first < 128; first++) pairs.add((first << 7) | code);
    }
    for (const pair of pairs) wanted.set(pair, [...(wanted.get(pair) ?? []), detector]);
  }
  const table = new Uint8Array(128 * 128);
  for (let pair = 0; pair < table.length; pair++) {
    const code = pair & 127;
    if (code < 32 || code === 34 || code === 92) table[pair] = MUST_ESCAPE;
  }
  for (const [pair, list] of wanted) {
    let group = groups.findIndex(
      (known) => known.length === list.length && known.every((d, i) => d === list[i]),
    );
    if (group < 2) group = groups.push(list) - 1;
    table[pair] = group;
  }
  return table;
}
