import { Bins, GAMMA } from "./histogram.ts";

/** Requests that left the longest window, all of one minute. */
export interface PastMinute {
  readonly successes: number;
  readonly failures: number;
  readonly aborted: number;
  readonly classes: Iterable<readonly [name: string, count: number]>;
  /** Counts by bin of latency, as {@link GAMMA} has them. */
  readonly bins: Iterable<readonly [bin: number, count: number]>;
}

/** What a series was like before the longest window. Counts are weights, for what is longer ago counts less. */
export interface Past {
  /** How long ago a request counts 1/e of one of now, in seconds. */
  readonly windowS: PastSeconds;
  readonly count: number;
  /** From how many requests that is known: as many as would tell as much did each weigh the same. */
  readonly known: number;
  readonly failures: number;
  readonly aborted: number;
  readonly classes: ReadonlyMap<string, number>;
  readonly latency: { readonly gamma: number; readonly bins: Bins };
}

/** The memories, in seconds. */
export const PASTS = [3_600, 86_400] as const;

/** The length of a memory in seconds. */
export type PastSeconds = (typeof PASTS)[number];

// Bins this many times as wide take a sixth of the bytes, and within 9 % is near enough for what was.
const COARSE = 6;
const PAST_GAMMA = GAMMA ** COARSE;
/**
 * A process younger than a day takes its first quarter of an hour for what the day before was like. Without that, a
 * service that became slow two hours after its start would have been slow for half of all it knows.
 */
const FIRST_MINUTES = 15;
const CHUNK = 8;
const CLASSES_MAX = 16;
const OTHER = "_other";

/** The longer past of one series, in bounded memory: one memory for each of {@link PASTS}. */
export class Baseline {
  readonly #memories: readonly Memory[];

  /** @param memories those of a copy */
  constructor(
    // Only the longest would be unfilled for long.
    memories: readonly Memory[] = PASTS.map((windowS) => new Memory(windowS / 60, windowS === 86_400)),
  ) {
    this.#memories = memories;
  }

  /** Takes a minute in, numbered since 1970 or any other beginning. They may come a little out of order. */
  add(minute: number, past: PastMinute): void {
    for (const memory of this.#memories) memory.add(minute, past);
  }

  /** Takes in all that another series remembers. */
  absorb(other: Baseline): void {
    this.#memories.forEach((memory, i) => {
      memory.absorb(other.#memories[i]!);
    });
  }

  copy(): Baseline {
    return new Baseline(this.#memories.map((memory) => memory.copy()));
  }

  /** What is remembered in this minute; a memory of nothing is left out. */
  read(minute: number): Past[] {
    return this.#memories.flatMap((memory, i) => memory.read(PASTS[i]!, minute) ?? []);
  }
}

/**
 * To two digits, and to tenths: a weight is no count, and an answer of a thousand series is read by its bytes. Rounded to whole
 * ones the rare requests of each bin would be lost, or weigh twice as much.
 */
function rounded(weight: number): number {
  if (weight < 10) return Math.round(10 * weight) / 10;
  let step = 1;
  while (weight >= 100 * step) step *= 10;
  return Math.round(weight / step) * step;
}

const SUCCESSES = 0;
const FAILURES = 1;
const ABORTED = 2;
// The squares of all weights.
const SQUARES = 3;
const CLASSES = 4;

class Memory {
  readonly #lastsMinutes: number;
  #classes: string[] = [];
  #counts: Float32Array = new Float32Array(CLASSES + 1);
  #low = 0;
  #bins: Float32Array = new Float32Array(0);
  #minute = Number.NEGATIVE_INFINITY;
  #firstMinute = Number.NEGATIVE_INFINITY;
  #fillsItself: boolean;

  /** @param fillsItself whether its first minutes stand for all that came before them */
  constructor(lastsMinutes: number, fillsItself: boolean) {
    this.#lastsMinutes = lastsMinutes;
    this.#fillsItself = fillsItself;
  }

  copy(): Memory {
    const copy = new Memory(this.#lastsMinutes, this.#fillsItself);
    copy.#classes = [...this.#classes];
    copy.#counts = this.#counts.slice();
    copy.#low = this.#low;
    copy.#bins = this.#bins.slice();
    copy.#minute = this.#minute;
    copy.#firstMinute = this.#firstMinute;
    return copy;
  }

  add(minute: number, { successes, failures, aborted, classes, bins }: PastMinute): void {
    const weight = this.#goTo(minute);
    this.#counts[SUCCESSES]! += weight * successes;
    this.#counts[FAILURES]! += weight * failures;
    this.#counts[ABORTED]! += weight * aborted;
    this.#counts[SQUARES]! += weight ** 2 * (successes + failures);
    for (const [name, count] of classes) if (count > 0) this.#addClass(name, weight * count);
    for (const [bin, count] of bins) this.#addBin(Math.ceil(bin / COARSE), weight * count);
  }

  absorb(other: Memory): void {
    if (other.#minute === Number.NEGATIVE_INFINITY) return;
    const weight = this.#goTo(other.#minute);
    for (let i = 0; i < SQUARES; i++) this.#counts[i]! += weight * other.#counts[i]!;
    this.#counts[SQUARES]! += weight ** 2 * other.#counts[SQUARES]!;
    other.#classes.forEach((name, i) => {
      this.#addClass(name, weight * other.#counts[CLASSES + i]!);
    });
    other.#bins.forEach((count, i) => {
      if (count > 0) this.#addBin(other.#low + i, weight * count);
    });
  }

  read(windowS: PastSeconds, minute: number): Past | undefined {
    const weight = Math.min(1, this.#fading(minute));
    const failures = rounded(weight * this.#counts[FAILURES]!);
    const all = this.#counts[SUCCESSES]! + this.#counts[FAILURES]!;
    const count = rounded(weight * all);
    if (count === 0) return undefined;
    // Kish's effective sample size.
    const known = rounded(all ** 2 / this.#counts[SQUARES]!);
    const classes = new Map<string, number>();
    this.#classes.forEach((name, i) => {
      const part = rounded(weight * this.#counts[CLASSES + i]!);
      if (part > 0) classes.set(name, part);
    });
    const bins = new Bins();
    bins.reset(this.#low, this.#bins.length);
    for (let i = 0; i < bins.width; i++) bins.counts[i] = rounded(weight * this.#bins[i]!);
    const aborted = rounded(weight * this.#counts[ABORTED]!);
    return { windowS, count, known, failures, aborted, classes, latency: { gamma: PAST_GAMMA, bins } };
  }

  /** Lets what is here fade until this minute. Returns what a request of this minute weighs. */
  #goTo(minute: number): number {
    if (this.#firstMinute === Number.NEGATIVE_INFINITY) {
      this.#firstMinute = minute;
      this.#minute = minute;
    }
    if (minute <= this.#minute) return 1 / this.#fading(minute);
    if (this.#fillsItself && minute - this.#firstMinute >= FIRST_MINUTES) {
      this.#fillsItself = false;
      this.#scale(this.#lastsMinutes / (minute - this.#firstMinute));
    }
    this.#scale(this.#fading(minute));
    this.#minute = minute;
    return 1;
  }

  #fading(minute: number): number {
    return Math.exp(-(minute - this.#minute) / this.#lastsMinutes);
  }

  #scale(by: number): void {
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i]! *= by;
    this.#counts[SQUARES]! *= by;
    for (let i = 0; i < this.#bins.length; i++) this.#bins[i]! *= by;
  }

  #addClass(name: string, count: number): void {
    const index = this.#classIndex(name);
    if (CLASSES + index >= this.#counts.length) {
      const grown = new Float32Array(CLASSES + 2 * (index + 1));
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[CLASSES + index]! += count;
  }

  #classIndex(name: string): number {
    const known = this.#classes.indexOf(name);
    if (known !== -1) return known;
    if (this.#classes.length === CLASSES_MAX) return CLASSES_MAX - 1;
    // The last place is for all that find none of their own.
    return this.#classes.push(this.#classes.length === CLASSES_MAX - 1 ? OTHER : name) - 1;
  }

  #addBin(bin: number, count: number): void {
    if (bin < this.#low || bin >= this.#low + this.#bins.length) this.#grow(bin);
    this.#bins[bin - this.#low]! += count;
  }

  #grow(bin: number): void {
    const first = Math.floor(bin / CHUNK) * CHUNK;
    if (this.#bins.length === 0) this.#low = first;
    const low = Math.min(this.#low, first);
    const grown = new Float32Array(Math.max(this.#low + this.#bins.length, first + CHUNK) - low);
    grown.set(this.#bins, this.#low - low);
    this.#low = low;
    this.#bins = grown;
  }
}
