import type { Detector, Trigger } from "../detect/detector.ts";

/** Whom to ask at a pair of characters, and what must stand in front of the pair. */
export interface Group {
  /** The detectors by the bit of their trigger: a detector may be there more than once. */
  readonly detectors: readonly (readonly Detector[])[];
  /** By ASCII code (127 for all beyond): the bits of the triggers that have it as the last of the pair. */
  readonly lasts: Int32Array;
  /** The same for the first of the pair. Pairs of a group need not be those of all its triggers. */
  readonly seconds: Int32Array;
  /** The same directly in front of the pair. */
  readonly thirds: Int32Array;
  /** The same one further in front. */
  readonly fourths: Int32Array;
  /** The pairs that no other group has. */
  readonly pairs: readonly number[];
}

/** Where to look closely. */
export interface TriggerTable {
  /**
   * For each pair of neighbouring ASCII characters, `(character << 8) | before`, the index of its group; 0 is: nothing
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

/** Pairs of characters and the numbers of the calls that they make. */
interface Shared {
  readonly ids: readonly number[];
  readonly pairs: readonly number[];
}

/** Builds the table. Pairs that the same triggers end with share a group, and so do those of long triggers. */
export function createTriggerTable(detectors: readonly Detector[]): TriggerTable {
  const calls = detectors.flatMap((detector) => detector.triggers.map((trigger) => ({ detector, trigger })));
  const pairs = new Uint8Array(128 * 256);
  for (const code of ESCAPED) pairs.fill(MUST_ESCAPE, code << 8, (code << 8) + 128);
  const groups: Group[] = [groupOf([], []), groupOf([], []), groupOf([], ENCODED_PAIRS)];
  for (const { ids, pairs: shared } of joinNarrow(byCalls(calls), calls)) {
    // When the numbers run out, the last group asks everybody.
    const full = groups.length >= GROUPS_MAX;
    const group = full ? GROUPS_MAX : groups.length;
    const asked = full ? calls.map(guarded) : ids.map((id) => calls[id]!);
    groups[group] = groupOf(asked, full ? [...(groups[group]?.pairs ?? []), ...shared] : shared);
    for (const pair of shared) pairs[pair] = group;
  }
  for (const pair of ENCODED_PAIRS) pairs[pair] = ENCODED;
  return { pairs, groups };
}

/** The same call, made only where its whole trigger is. */
function guarded({ detector, trigger }: Call): Call {
  const isThere = (text: string, index: number): boolean =>
    trigger.every((characters, i) => {
      const place = index + 1 - trigger.length + i;
      const code = place < 0 ? 32 : Math.min(text.charCodeAt(place), 127);
      return characters.includes(String.fromCharCode(code));
    });
  return {
    trigger,
    detector: {
      ...detector,
      find: (text, index) => (isThere(text, index) ? detector.find(text, index) : undefined),
    },
  };
}

/** The pairs that end a trigger, by the numbers of all calls that a pair makes. */
function byCalls(calls: readonly Call[]): Map<string, number[]> {
  const idsByPair = new Map<number, string>();
  calls.forEach(({ trigger }, id) => {
    for (const last of codes(trigger.at(-1))) {
      for (const first of codes(trigger.at(-2))) {
        const pair = (last << 8) | first;
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

const isNarrow = ({ trigger, detector }: Call): boolean =>
  trigger.length > 1 && detector.checksTrigger === true;

/**
 * Joins pairs whose triggers all have three characters or four, as long as there is a bit for each trigger: the characters in front
 * tell them apart, and there are hundreds of them.
 */
function joinNarrow(byIds: ReadonlyMap<string, number[]>, calls: readonly Call[]): Shared[] {
  const joined: Shared[] = [];
  let ids = new Set<number>();
  let narrow: number[] = [];
  const close = () => {
    if (narrow.length > 0) joined.push({ ids: [...ids], pairs: narrow });
    ids = new Set();
    narrow = [];
  };
  for (const [text, pairs] of byIds) {
    const own = text.split(" ").map(Number);
    if (own.length > BITS || own.some((id) => !isNarrow(calls[id]!))) {
      joined.push({ ids: own, pairs });
      continue;
    }
    const missing = own.filter((id) => !ids.has(id)).length;
    if (ids.size + missing > BITS) close();
    for (const id of own) ids.add(id);
    narrow.push(...pairs);
  }
  close();
  return joined;
}

function groupOf(calls: readonly Call[], pairs: readonly number[]): Group {
  const detectors: Set<Detector>[] = [];
  calls.forEach(({ detector }, index) => {
    detectors[index % BITS] ??= new Set();
    detectors[index % BITS]!.add(detector);
  });
  const asked = detectors.map((some) => [...some]);
  return {
    detectors: asked,
    lasts: agreedAt(calls, -1),
    seconds: agreedAt(calls, -2),
    thirds: agreedAt(calls, -3),
    fourths: agreedAt(calls, -4),
    pairs,
  };
}

function agreedAt(calls: readonly Call[], place: number): Int32Array {
  const bitOf = (index: number) => 1 << (index % BITS);
  const at = calls.map(({ trigger }) => trigger.at(place));
  const agreed = new Int32Array(128).fill(
    at.reduce((any, own, i) => (own === undefined ? any | bitOf(i) : any), 0),
  );
  at.forEach((characters, index) => {
    for (const code of codes(characters ?? "")) agreed[code]! |= bitOf(index);
  });
  return agreed;
}

/** Whether JSON wants this ASCII character escaped, or a terminal would obey it, as it does DEL. */
export const isEscaped = (code: number): boolean => code < 32 || code === 34 || code === 92 || code === 127;

const ALL = Array.from({ length: 128 }, (_, code) => code);

function codes(characters: string | undefined): readonly number[] {
  if (characters === undefined) return ALL;
  let found = KNOWN_CODES.get(characters);
  if (found === undefined) {
    found = Array.from(characters, (character) => character.charCodeAt(0));
    if (KNOWN_CODES.size < KNOWN_MAX) KNOWN_CODES.set(characters, found);
  }
  return found;
}

const KNOWN_CODES = new Map<string, readonly number[]>();
const KNOWN_MAX = 1024;

/** The characters of which {@link isEscaped} says so. */
export const ESCAPED: readonly number[] = ALL.filter(isEscaped);
const PERCENT = 37;
const BACKSLASH = 92;
const ENCODED_PAIRS: readonly number[] = [
  ...codes("0123456789abcdefABCDEF").map((code) => (code << 8) | PERCENT),
  ...codes("u").map((code) => (code << 8) | BACKSLASH),
];
