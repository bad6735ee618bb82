import { percentDecoded } from "@whodunit/core";
import { isPathValue } from "./path-value.ts";
import { isImpersonal } from "./personal.ts";
import type { Series, TrafficSide, WindowSeconds } from "./series.ts";
import { Sketch } from "./sketch.ts";
import { WINDOWS } from "./slots.ts";

/** A described value that tells the requests that failed from the others. */
export interface TrafficValue {
  readonly name: string;
  readonly value: string;
  /** How many of the failed requests that were looked at had it. */
  readonly failing: number;
  /** How many of the others. */
  readonly good: number;
}

/** What the failed requests of one series have in common that the others have not. */
export interface TrafficAttributes {
  readonly side: TrafficSide;
  readonly peer: string;
  readonly route: string;
  readonly windowS: WindowSeconds;
  /** Failed requests that were looked at: the latest 128 of the window that were described. */
  readonly failing: number;
  /** The others, likewise. */
  readonly good: number;
  /** At most five, the most telling first. */
  readonly values: readonly TrafficValue[];
}

const VALUES_MAX = 5;
// Of the most telling, so many are looked at for some that may be shown.
const CANDIDATES_MAX = 20;
const TEXT_MAX = 64;
const FIELDS_MAX = 48;
// With the texts beside, all of it stays below a megabyte.
const BYTES_MAX = 640_000;
const IDLE_MS = 60_000;
const SEARCH_EVERY_MS = 1_000;
// Two of these, of at most some 300 bytes each.
const TEXTS_MAX = 512;
const NAMES_MAX = 512;
const SEEN = 4_096;

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** What requests were described by, at some moment. */
export interface HeldDescribed {
  readonly sketches: ReadonlyMap<Series, Sketch>;
  /** By the hash of name and value. */
  readonly texts: ReadonlyMap<number, Pair>;
}

/**
 * What requests were described by, in bounded memory: of each series the latest requests as hashes, and the texts of
 * values that failed requests had twice. What is personal is told from what is not when somebody asks, so that a request
 * costs no more than its hashes.
 */
export class Described {
  readonly #clean: (text: string) => string;
  readonly #sketches = new Map<Series, Sketch>();
  #bytes = 0;
  #searchableFromMs = Number.NEGATIVE_INFINITY;
  readonly #names = new Map<string, number>();
  readonly #hashes = new Uint32Array(FIELDS_MAX);
  // Which field of the request each hash is of.
  readonly #places = new Uint8Array(FIELDS_MAX);
  readonly #seen = new Uint32Array(SEEN);
  // What is not met again while a new generation fills goes with the old one.
  #texts = new Map<number, Pair>();
  #olderTexts = new Map<number, Pair>();

  /** @param clean the service's own redaction of texts */
  constructor(clean: (text: string) => string) {
    this.#clean = clean;
  }

  /**
   * Takes a request in.
   *
   * @param fields names and values in turn
   * @param path of its URL: what stands there in the place of a route's parameter is left out
   */
  add(series: Series, nowMs: number, failed: boolean, fields: readonly unknown[], path: string): void {
    const count = this.#hash(fields, path, series.route);
    if (count === 0) return;
    const known = this.#sketchOf(series, nowMs, failed);
    if (known === undefined) return;
    const sketch = known.holders > 0 ? known.copy() : known;
    if (sketch !== known) this.#sketches.set(series, sketch);
    const before = sketch.bytes;
    sketch.add(nowMs, failed, this.#hashes, count);
    if (sketch.bytes !== before) this.#fit(sketch.bytes - before, series);
    if (failed) this.#remember(fields, count);
  }

  /** All of it as it is now, which stays so until it is let go. */
  hold(): HeldDescribed {
    for (const sketch of this.#sketches.values()) sketch.holders++;
    return { sketches: new Map(this.#sketches), texts: new Map([...this.#olderTexts, ...this.#texts]) };
  }

  letGo({ sketches }: HeldDescribed): void {
    for (const sketch of sketches.values()) sketch.holders--;
  }

  /**
   * What tells failed requests of this series from the others, by window; nothing where nothing does.
   *
   * @param held what to read instead of what there is now
   */
  read(series: Series, nowMs: number, held?: HeldDescribed): TrafficAttributes[] {
    const sketch = (held?.sketches ?? this.#sketches).get(series);
    if (sketch === undefined || !sketch.hasFailed) return [];
    const textOfHash = (hash: number): Pair | undefined =>
      held === undefined ? (this.#texts.get(hash) ?? this.#olderTexts.get(hash)) : held.texts.get(hash);
    const { side, peer, route } = series;
    return WINDOWS.flatMap(({ windowS }) => {
      const { failing, good, values } = sketch.compare(nowMs - windowS * 1_000);
      const shown = values
        .slice(0, CANDIDATES_MAX)
        .flatMap(({ hash, ...counts }): TrafficValue[] => {
          const pair = textOfHash(hash);
          const isShown = pair !== undefined && isImpersonal(pair.name, pair.value, this.#clean);
          return isShown ? [{ ...pair, ...counts }] : [];
        })
        .slice(0, VALUES_MAX);
      return shown.length === 0 ? [] : [{ side, peer, route, windowS, failing, good, values: shown }];
    });
  }

  /** Hashes what can be compared: texts of some length, numbers, booleans. Returns how many there are. */
  #hash(fields: readonly unknown[], path: string, route: string): number {
    const decoded = percentDecoded(path);
    // A path that is the route's own has no parameter's value in it.
    const hasParameters = !route.endsWith(decoded) || route[route.length - decoded.length - 1] !== " ";
    let count = 0;
    for (let i = 0; i < fields.length && count < FIELDS_MAX; i += 2) {
      const text = textOf(fields[i + 1]);
      const name = fields[i] as string;
      if (text === undefined || name.length > TEXT_MAX) continue;
      if (hasParameters && decoded.includes(text) && isPathValue(text, decoded, route)) continue;
      this.#hashes[count] = hashOf(text, this.#nameHash(name));
      this.#places[count++] = i;
    }
    return count;
  }

  #nameHash(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    const hash = hashOf(name, 0x811c9dc5);
    this.#names.set(name, hash);
    return hash;
  }

  /** Keeps the texts of values that a failed request had before: what differs each time tells nothing. */
  #remember(fields: readonly unknown[], count: number): void {
    for (let i = 0; i < count; i++) {
      const hash = this.#hashes[i]!;
      if (this.#seen[hash % SEEN] !== hash) {
        this.#seen[hash % SEEN] = hash;
        continue;
      }
      if (this.#texts.has(hash)) continue;
      if (this.#texts.size >= TEXTS_MAX) {
        this.#olderTexts = this.#texts;
        this.#texts = new Map();
      }
      const at = this.#places[i]!;
      const pair = { name: own(fields[at] as string), value: own(textOf(fields[at + 1])!) };
      this.#texts.set(hash, pair);
    }
  }

  #sketchOf(series: Series, nowMs: number, failed: boolean): Sketch | undefined {
    const known = this.#sketches.get(series);
    if (known !== undefined) return known;
    if (this.#bytes >= BYTES_MAX) {
      if (nowMs < this.#searchableFromMs) return undefined;
      const [other, sketch] = this.#leastTelling() as [Series, Sketch];
      const gives = nowMs - sketch.lastAtMs > IDLE_MS || (failed && !sketch.hasFailed);
      if (!gives) {
        this.#searchableFromMs = nowMs + SEARCH_EVERY_MS;
        return undefined;
      }
      this.#drop(other);
    }
    const sketch = new Sketch();
    this.#bytes += sketch.bytes;
    this.#sketches.set(series, sketch);
    return sketch;
  }

  /** Counts what a sketch has grown by; others make room for it. */
  #fit(grownBytes: number, series: Series): void {
    this.#bytes += grownBytes;
    while (this.#bytes > BYTES_MAX && this.#sketches.size > 1) this.#drop(this.#leastTelling(series)![0]);
  }

  #drop(series: Series): void {
    this.#bytes -= this.#sketches.get(series)?.bytes ?? 0;
    this.#sketches.delete(series);
  }

  /** One that never failed, of those the longest idle. */
  #leastTelling(but?: Series): [Series, Sketch] | undefined {
    let least: [Series, Sketch] | undefined;
    for (const one of this.#sketches) {
      const [series, { hasFailed, lastAtMs }] = one;
      if (series === but) continue;
      const [, other] = least ?? [];
      const isLess = hasFailed === other?.hasFailed ? lastAtMs < other.lastAtMs : !hasFailed;
      if (other === undefined || isLess) least = one;
    }
    return least;
  }
}

/** A value as text, where it can be compared. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value !== "" && value.length <= TEXT_MAX ? value : undefined;
    case "number":
    case "boolean":
      return String(value);
    default:
      return undefined;
  }
}

/** FNV-1a over UTF-16 units, from another hash on. 0 stands for no value. */
function hashOf(text: string, from: number): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // FNV's low bits know little of the last units.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return hash === 0 ? 1 : hash;
}

/** A string of its own: a part of a string keeps all of it in memory. */
const own = (text: string): string => Buffer.from(text).toString();
