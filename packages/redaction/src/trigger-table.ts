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

/** A trigger, and whose it is. */
interface Call {
  readonly detector: Detector;
  readonly trigger: Trigger;
}

/**
 * Builds the table and marks the characters of `run` in it. Pairs that the same triggers end with share a group.
 */
export function createTriggerTable(detectors: readonly Detector[], run: string): TriggerTable {
  const calls = detectors.flatMap((detector) => detector.triggers.map((trigger) => ({ detector, trigger })));
  const pairs = new Uint8Array(128 * 128);
  for (let pair = 0; pair < pairs.length; pair++) if (isEscaped(pair & 127)) pairs[pair] = MUST_ESCAPE;
  const none = { detectors: [], fronts: new Uint8Array(128) };
  const groups: Group[] = [none, none, none];
  for (const [ids, shared] of byCalls(calls)) {
    // When the numbers run out, the last group asks everybody.
    const full = groups.length >= GROUPS_MAX;
    const group = full ? GROUPS_MAX : groups.length;
    groups[group] = groupOf(full ? calls : ids.split(" ").map((id) => calls[Number(id)]!));
    for (const pair of shared) pairs[pair] = group;
  }
  for (const digit of "0123456789abcdefABCDEF") pairs[pairOf("%", digit)] = ENCODED;
  pairs[pairOf("\\", "u")] = ENCODED;
  for (const character of run) {
    for (let before = 0; before < 128; before++) pairs[(before << 7) | character.charCodeAt(0)]! |= IN_RUN;
  }
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
  const fronts = new Uint8Array(128);
  for (const { trigger } of calls) {
    for (const code of codes(trigger.at(-3))) fronts[code]! |= THIRD;
    for (const code of codes(trigger.at(-4))) fronts[code]! |= FOURTH;
  }
  return { detectors: [...new Set(calls.map(({ detector }) => detector))], fronts };
}

const pairOf = (before: string, character: string): number =>
  (before.charCodeAt(0) << 7) | character.charCodeAt(0);
const isEscaped = (code: number): boolean => code < 32 || code === 34 || code === 92;

const ALL = Array.from({ length: 128 }, (_, code) => code);
const codes = (characters: string | undefined): readonly number[] =>
  characters === undefined ? ALL : [...characters].map((character) => character.charCodeAt(0));
