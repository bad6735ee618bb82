import type { Detector, Trigger } from "./detector.ts";

/** Whom to ask at a pair of characters, and what must stand in front of the pair. */
export interface Group {
  /** The detectors by the bit of their trigger: a detector may be there more than once. */
  readonly detectors: readonly (readonly Detector[])[];
  /** By ASCII code (127 for all beyond): the bits of the triggers that agree to it directly in front of the pair. */
  readonly thirds: Int32Array;
  /** The same one further in front. */
  readonly fourths: Int32Array;
}

/** Where to look closely. */
export interface TriggerTable {
  /**
   * For each pair of neighbouring ASCII characters, `(before << 7) | character`, the index of its group; 0 is: nothing
   * to do.
   */
  readonly pairs: Uint8Array;
  readonly groups: readonly Group[];
}

/** The group of characters that are only to be escaped by JSON. */
export const MUST_ESCAPE = 1;
/** The group of what starts an encoded character, which may be part of anything. */
export const ENCODED = 2;

const GROUPS_MAX = 127;
// More triggers than bits share them.
const BITS = 31;

/** A trigger, and whose it is. */
interface Call {
  readonly detector: Detector;
  readonly trigger: Trigger;
}

/** Builds the table. Pairs that the same triggers end with share a group. */
export function createTriggerTable(detectors: readonly Detector[]): TriggerTable {
  const calls = detectors.flatMap((detector) => detector.triggers.map((trigger) => ({ detector, trigger })));
  const pairs = new Uint8Array(128 * 128);
  for (let pair = 0; pair < pairs.length; pair++) if (isEscaped(pair & 127)) pairs[pair] = MUST_ESCAPE;
  const always = {
    ...groupOf([]),
    thirds: new Int32Array(128).fill(-1),
    fourths: new Int32Array(128).fill(-1),
  };
  const groups: Group[] = [groupOf([]), always, always];
  for (const [ids, shared] of byCalls(calls)) {
    // When the numbers run out, the last group asks everybody.
    const full = groups.length >= GROUPS_MAX;
    const group = full ? GROUPS_MAX : groups.length;
    groups[group] = groupOf(full ? calls : ids.split(" ").map((id) => calls[Number(id)]!));
    for (const pair of shared) pairs[pair] = group;
  }
  for (const digit of "0123456789abcdefABCDEF") pairs[pairOf("%", digit)] = ENCODED;
  pairs[pairOf("\\", "u")] = ENCODED;
  return { pairs, groups };
}

/** The pairs that end a trigger, by the numbers of all calls that a pair makes. */
function byCalls(calls: readonly Call[]): Map<string, number[]> {
  const idsByPair = new Map<number, string>();
  calls.forEach(({ trigger }, id) => {
    for (const last of codes(trigger.at(-1))) {
      for (const first of codes(trigger.at(-2))) {
        const pair = (first << 7) | last;
        const ids = idsByPair.get(pair);
        idsByPair.set(pair, ids === undefined ? String(id) : `${ids} ${id}`);
      }
    }
  });
  const shared = new Map<string, number[]>();
  for (const [pair, ids] of idsByPair) {
    const pairs = shared.get(ids);
    if (pairs === undefined) shared.set(ids, [pair]);
    else pairs.push(pair);
  }
  return shared;
}

function groupOf(calls: readonly Call[]): Group {
  const detectors: Set<Detector>[] = [];
  const thirds = new Int32Array(128);
  const fourths = new Int32Array(128);
  calls.forEach(({ detector, trigger }, index) => {
    const bit = index % BITS;
    detectors[bit] ??= new Set();
    detectors[bit].add(detector);
    for (const code of codes(trigger.at(-3))) thirds[code]! |= 1 << bit;
    for (const code of codes(trigger.at(-4))) fourths[code]! |= 1 << bit;
  });
  return { detectors: detectors.map((some) => [...some]), thirds, fourths };
}

const pairOf = (before: string, character: string): number =>
  (before.charCodeAt(0) << 7) | character.charCodeAt(0);
/** Whether JSON wants this ASCII character escaped, or a terminal would obey it, as it does DEL. */
export const isEscaped = (code: number): boolean => code < 32 || code === 34 || code === 92 || code === 127;

const ALL = Array.from({ length: 128 }, (_, code) => code);
const codes = (characters: string | undefined): readonly number[] =>
  characters === undefined ? ALL : [...characters].map((character) => character.charCodeAt(0));
