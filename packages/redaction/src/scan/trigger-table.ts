import type { Detector, DetectorList, Trigger } from "../detect/detector.ts";
import { packBits, packRows, setBits, setRows } from "./packed-bits.ts";

/** Whom to ask at a pair of characters: the detectors by the bit of their trigger. A detector may be there more than once. */
export type Group = readonly (readonly Detector[])[];

/** Where to look closely. */
export interface TriggerTable {
  /**
   * For each pair of neighbouring ASCII characters, `(character << 8) | before`, the index of its group; 0 is: nothing
   * to do.
   */
  readonly pairs: Uint8Array;
  groupAt(index: number): Group;
  /**
   * For each group that {@link groupAt} has been asked for, at `index << 9`, four times 128 masks: the bits of the triggers that have this ASCII character (127
   * for all beyond) as the last of the pair, as the first of it, directly in front of it, and one further in front. A
   * trigger is there where its bit is in all four.
   */
  readonly agreed: Int32Array;
}

/** By the bit of their trigger, the detectors by their place in the list. */
type PackedGroup = readonly (readonly number[])[];

/** A {@link TriggerTable} as plain data. */
export interface PackedTriggerTable {
  readonly pairs: string;
  /** Of each group. */
  readonly agreed: readonly string[];
  readonly groups: readonly PackedGroup[];
}

/** The group of characters that are only to be escaped by JSON. */
export const MUST_ESCAPE = 1;
/** The group of what starts an encoded character, which may be part of anything. */
export const ENCODED = 2;

const PAIRS = 128 * 256;
const ROW = 128;
// As many as fit into a byte.
const GROUPS_MAX = 255;
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
export function createTriggerTable(detectors: DetectorList): TriggerTable {
  const calls = detectors.flatMap((detector) =>
    detector === undefined ? [] : detector.triggers.map((trigger) => ({ detector, trigger })),
  );
  const pairs = new Uint8Array(PAIRS);
  for (const code of ESCAPED) pairs.fill(MUST_ESCAPE, code << 8, (code << 8) + 128);
  const agreed = new Int32Array((GROUPS_MAX + 1) << 9);
  const groups: Group[] = [groupOf([]), groupOf([]), groupOf([])];
  for (const { ids, pairs: shared } of joinNarrow(byCalls(calls), calls)) {
    // When the numbers run out, the last group asks everybody.
    const full = groups.length >= GROUPS_MAX;
    const group = full ? GROUPS_MAX : groups.length;
    const asked = full ? calls.map(guarded) : ids.map((id) => calls[id]!);
    groups[group] = groupOf(asked);
    for (let place = 0; place < 4; place++) markAgreed(agreed, (group << 9) | (place << 7), asked, place);
    for (const pair of shared) pairs[pair] = group;
  }
  for (const pair of ENCODED_PAIRS) pairs[pair] = ENCODED;
  return { pairs, groupAt: (index) => groups[index]!, agreed };
}

/** The table of these detectors, for {@link unpackTriggerTable}. */
export function packTriggerTable(detectors: DetectorList): PackedTriggerTable {
  const { pairs, agreed, groupAt } = createTriggerTable(detectors);
  const places = new Map(detectors.map((detector, place) => [detector, place]));
  const placeOf = (detector: Detector): number => {
    const place = places.get(detector);
    if (place === undefined) throw new RangeError("there are more groups of triggers than have a number");
    return place;
  };
  const packed = (index: number): PackedGroup => Array.from(groupAt(index), (some) => some.map(placeOf));
  const count = Math.max(...pairs) + 1;
  return {
    pairs: packRows(pairs, ROW),
    agreed: Array.from({ length: count }, (_, index) => packBits(masksOf(agreed, index))),
    groups: Array.from({ length: count }, (_, index) => packed(index)),
  };
}

/** The table that was packed, with these in the place of the detectors of then. */
export function unpackTriggerTable(packed: PackedTriggerTable, detectors: DetectorList): TriggerTable {
  const pairs = new Uint8Array(PAIRS);
  const agreed = new Int32Array(packed.groups.length << 9);
  setRows(pairs, ROW, packed.pairs);
  // Few are ever asked.
  const groups: Group[] = [];
  const wanted = (place: number): readonly Detector[] => {
    const detector = detectors[place];
    return detector === undefined ? [] : [detector];
  };
  const groupAt = (index: number): Group => {
    const known = groups[index];
    if (known !== undefined) return known;
    setBits(masksOf(agreed, index), packed.agreed[index]!);
    const group = packed.groups[index]!.map((places) => places.flatMap(wanted));
    groups[index] = group;
    return group;
  };
  return { pairs, groupAt, agreed };
}

const masksOf = (agreed: Int32Array, group: number): Int32Array =>
  agreed.subarray(group << 9, (group + 1) << 9);

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

/** The pairs that end a trigger, together with those that make the same calls. */
function byCalls(calls: readonly Call[]): Iterable<Shared> {
  const idsByPair = new Map<number, number[]>();
  calls.forEach(({ trigger }, id) => {
    for (const last of codes(trigger.at(-1))) {
      for (const first of codes(trigger.at(-2))) {
        const pair = (last << 8) | first;
        const ids = idsByPair.get(pair);
        if (ids === undefined) idsByPair.set(pair, [id]);
        else ids.push(id);
      }
    }
  });
  const shared = new Map<string, { readonly ids: readonly number[]; readonly pairs: number[] }>();
  for (const [pair, ids] of idsByPair) {
    const key = ids.join();
    const known = shared.get(key);
    if (known === undefined) shared.set(key, { ids, pairs: [pair] });
    else known.pairs.push(pair);
  }
  return shared.values();
}

const isNarrow = ({ trigger, detector }: Call): boolean =>
  trigger.length > 1 && detector.checksTrigger === true;

/**
 * Joins pairs whose triggers all have three characters or four, as long as there is a bit for each trigger: the characters in front
 * tell them apart, and there are hundreds of them.
 */
function joinNarrow(all: Iterable<Shared>, calls: readonly Call[]): Shared[] {
  const joined: Shared[] = [];
  let ids = new Set<number>();
  let narrow: number[] = [];
  const close = () => {
    if (narrow.length > 0) joined.push({ ids: [...ids], pairs: narrow });
    ids = new Set();
    narrow = [];
  };
  for (const shared of all) {
    const own = shared.ids;
    if (own.length > BITS || own.some((id) => !isNarrow(calls[id]!))) {
      joined.push(shared);
      continue;
    }
    const missing = own.filter((id) => !ids.has(id)).length;
    if (ids.size + missing > BITS) close();
    for (const id of own) ids.add(id);
    narrow.push(...shared.pairs);
  }
  close();
  return joined;
}

function groupOf(calls: readonly Call[]): Group {
  const detectors: Set<Detector>[] = [];
  calls.forEach(({ detector }, index) => {
    detectors[index % BITS] ??= new Set();
    detectors[index % BITS]!.add(detector);
  });
  return detectors.map((some) => [...some]);
}

/** Marks, from `start` on, which characters the triggers have at a place: 0 is their last. */
function markAgreed(agreed: Int32Array, start: number, calls: readonly Call[], place: number): void {
  let any = 0;
  // Many triggers have the same characters there: those in front of a word.
  const bitsOf = new Map<string, number>();
  for (let index = 0; index < calls.length; index++) {
    const { trigger } = calls[index]!;
    const bit = 1 << (index % BITS);
    const characters = trigger[trigger.length - 1 - place];
    if (characters === undefined) any |= bit;
    else bitsOf.set(characters, bit | (bitsOf.get(characters) ?? 0));
  }
  agreed.fill(any, start, start + 128);
  for (const [characters, bits] of bitsOf) {
    for (let i = 0; i < characters.length; i++) agreed[start + characters.charCodeAt(i)]! |= bits;
  }
}

/** Whether JSON wants this ASCII character escaped, or a terminal would obey it, as it does DEL. */
export const isEscaped = (code: number): boolean => code < 32 || code === 34 || code === 92 || code === 127;

const ALL = Array.from({ length: 128 }, (_, code) => code);

/** The codes of characters; of all ASCII characters when none are given. */
export function codes(characters: string | undefined): readonly number[] {
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
const AMPERSAND = 38;
/** The pairs that begin an encoded character. */
export const ENCODED_PAIRS: readonly number[] = [
  ...codes("0123456789abcdefABCDEF").map((code) => (code << 8) | PERCENT),
  ...codes("ux").map((code) => (code << 8) | BACKSLASH),
  ...codes("#q").map((code) => (code << 8) | AMPERSAND),
  ...codes("c").map((code) => (code << 8) | AMPERSAND),
];
