import type { Detector, Trigger } from "./detector.ts";

/** The detectors to ask at a pair of characters, and what may stand in front of the pair. */
export interface Group {
  readonly detectors: readonly Detector[];
  /** By ASCII code (127 for all beyond): 1 when a trigger of the group may have that character as its first. */
  readonly thirds: Uint8Array;
}

/** Where to look closely. */
export interface TriggerTable {
  /** For each pair of neighbouring ASCII characters, `(before << 7) | character`, the index of its group. */
  readonly pairs: Uint8Array;
  readonly groups: readonly Group[];
}

/** The group of characters that are only to be escaped by JSON; group 0 is: nothing to do. */
export const MUST_ESCAPE = 1;
/** The group of what starts an encoded character, which may be part of anything. */
export const ENCODED = 2;

interface Draft {
  readonly detectors: Set<Detector>;
  readonly thirds: Uint8Array;
}

/** Builds the table. Pairs with the same detectors and the same characters in front share a group. */
export function createTriggerTable(detectors: readonly Detector[]): TriggerTable {
  const drafts = new Map<number, Draft>();
  for (const detector of detectors) {
    for (const trigger of detector.triggers) draft(drafts, detector, trigger);
  }
  const pairs = new Uint8Array(128 * 128);
  for (let pair = 0; pair < pairs.length; pair++) if (isEscaped(pair & 127)) pairs[pair] = MUST_ESCAPE;
  const none = { detectors: [], thirds: new Uint8Array(128) };
  const groups: Group[] = [none, none, none];
  const known = new Map<string, number>();
  for (const [pair, { detectors: asked, thirds }] of drafts) {
    const name = `${detectors.map((detector) => (asked.has(detector) ? 1 : 0))}:${thirds}`;
    const group = known.get(name) ?? groups.push({ detectors: [...asked], thirds }) - 1;
    known.set(name, group);
    pairs[pair] = group;
  }
  for (const digit of "0123456789abcdefABCDEF") pairs[pairOf("%", digit)] = ENCODED;
  pairs[pairOf("\\", "u")] = ENCODED;
  return { pairs, groups };
}

const pairOf = (before: string, character: string): number =>
  (before.charCodeAt(0) << 7) | character.charCodeAt(0);
const isEscaped = (code: number): boolean => code < 32 || code === 34 || code === 92;

function draft(drafts: Map<number, Draft>, detector: Detector, trigger: Trigger): void {
  const [character = "", before, third] = trigger.toReversed();
  for (const last of codes(character)) {
    for (const first of codes(before)) {
      const pair = (first << 7) | last;
      const known = drafts.get(pair) ?? { detectors: new Set(), thirds: new Uint8Array(128) };
      known.detectors.add(detector);
      for (const code of codes(third)) known.thirds[code] = 1;
      drafts.set(pair, known);
    }
  }
}

const ALL = Array.from({ length: 128 }, (_, code) => code);
const codes = (characters: string | undefined): readonly number[] =>
  characters === undefined ? ALL : [...characters].map((character) => character.charCodeAt(0));
