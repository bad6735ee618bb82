import type { Detector, Trigger } from "./detector.ts";

/** The detectors to ask at a pair of characters, and what may stand in front of the pair. */
export interface Group {
  readonly detectors: readonly Detector[];
  /** By ASCII code (127 for all beyond): the bits `THIRD` and `FOURTH` where a trigger of the group agrees. */
  readonly fronts: Uint8Array;
}

/** May stand directly in front of the pair. */
export const THIRD = 1;
/** May stand one further in front. */
export const FOURTH = 2;

/** Where to look closely. */
export interface TriggerTable {
  /**
   * For each pair of neighbouring ASCII characters, `(before << 7) | character`, the index of its group; the bit
   * `IN_RUN` is set when numbers that matter are written with the character.
   */
  readonly pairs: Uint8Array;
  readonly groups: readonly Group[];
}

/** The group of characters that are only to be escaped by JSON; group 0 is: nothing to do. */
export const MUST_ESCAPE = 1;
/** Set beside the index of a group. */
export const IN_RUN = 128;
/** The group of what starts an encoded character, which may be part of anything. */
export const ENCODED = 2;

const GROUPS_MAX = 127;

interface Draft {
  readonly detectors: Set<Detector>;
  readonly fronts: Uint8Array;
}

/**
 * Builds the table and marks the characters of `run` in it. Pairs with the same detectors and the same characters in
 * front share a group.
 */
export function createTriggerTable(detectors: readonly Detector[], run: string): TriggerTable {
  const pairs = new Uint8Array(128 * 128);
  for (let pair = 0; pair < pairs.length; pair++) if (isEscaped(pair & 127)) pairs[pair] = MUST_ESCAPE;
  const none = { detectors: [], fronts: new Uint8Array(128) };
  const groups: Group[] = [none, none, none];
  const known = new Map<string, number>();
  for (const [pair, { detectors: asked, fronts }] of drafts(detectors)) {
    const name = `${detectors.map((detector) => (asked.has(detector) ? 1 : 0))}:${fronts}`;
    let group = known.get(name);
    if (group === undefined) {
      // When the numbers run out, the last group asks everybody.
      const full = groups.length >= GROUPS_MAX;
      group = full ? GROUPS_MAX : groups.length;
      groups[group] = full
        ? { detectors, fronts: new Uint8Array(128).fill(THIRD | FOURTH) }
        : { detectors: [...asked], fronts };
      known.set(name, group);
    }
    pairs[pair] = group;
  }
  for (const digit of "0123456789abcdefABCDEF") pairs[pairOf("%", digit)] = ENCODED;
  pairs[pairOf("\\", "u")] = ENCODED;
  for (const character of run) {
    for (let before = 0; before < 128; before++) pairs[(before << 7) | character.charCodeAt(0)]! |= IN_RUN;
  }
  return { pairs, groups };
}

function drafts(detectors: readonly Detector[]): Map<number, Draft> {
  const byPair = new Map<number, Draft>();
  for (const detector of detectors) {
    for (const trigger of detector.triggers) add(byPair, detector, trigger);
  }
  return byPair;
}

function add(byPair: Map<number, Draft>, detector: Detector, trigger: Trigger): void {
  const [character = "", before, third, fourth] = trigger.toReversed();
  for (const last of codes(character)) {
    for (const first of codes(before)) {
      const pair = (first << 7) | last;
      const draft = byPair.get(pair) ?? { detectors: new Set(), fronts: new Uint8Array(128) };
      draft.detectors.add(detector);
      for (const code of codes(third)) draft.fronts[code]! |= THIRD;
      for (const code of codes(fourth)) draft.fronts[code]! |= FOURTH;
      byPair.set(pair, draft);
    }
  }
}

const pairOf = (before: string, character: string): number =>
  (before.charCodeAt(0) << 7) | character.charCodeAt(0);
const isEscaped = (code: number): boolean => code < 32 || code === 34 || code === 92;

const ALL = Array.from({ length: 128 }, (_, code) => code);
const codes = (characters: string | undefined): readonly number[] =>
  characters === undefined ? ALL : [...characters].map((character) => character.charCodeAt(0));
