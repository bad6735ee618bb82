import { Baseline, type Past } from "./baseline.ts";
import { Bins, Histograms } from "./histogram.ts";

/** The windows that are reported, in seconds, each kept as a ring of slots. */
export const WINDOWS = [
  { windowS: 10, slotMs: 1_000, slots: 10 },
  { windowS: 60, slotMs: 10_000, slots: 6 },
  { windowS: 600, slotMs: 60_000, slots: 10 },
] as const;

/** The length of a window in seconds. */
export type WindowSeconds = (typeof WINDOWS)[number]["windowS"];

/** How a request is counted. */
export type Verdict = "success" | "failure" | "aborted";

/** What a window holds. */
export interface WindowCounts {
  readonly successes: number;
  readonly failures: number;
  readonly aborted: number;
  readonly classes: ReadonlyMap<string, number>;
  /** Counts by bin of latency. */
  readonly bins: Bins;
}

/** How many requests a window holds. */
export type WindowTotals = Pick<WindowCounts, "successes" | "failures" | "aborted">;

const ROWS = WINDOWS.reduce((sum, { slots }) => sum + slots, 0);
const FIRST_ROWS = WINDOWS.map((_, ring) =>
  WINDOWS.slice(0, ring).reduce((sum, { slots }) => sum + slots, 0),
);
const LONGEST = WINDOWS[WINDOWS.length - 1]!;
const OTHER = "_other";
const CLASSES_MAX = 16;
// What a row begins with; the counts of its classes follow.
const EPOCH = 0;
const SUCCESSES = 1;
const FAILURES = 2;
const ABORTED = 3;
const CLASSES = 4;

interface Parts {
  readonly names: string[];
  readonly histograms: Histograms;
  readonly baseline: Baseline;
  readonly classes: number;
  readonly counts: Uint32Array;
}

/** Counts in the slots of all windows, one row a slot. In one array: an object a slot would cost six times as much. */
export class Slots {
  /** How many readings want them to stay as they are: who writes all the same, writes to a copy. */
  holders = 0;
  #heldMinute = 0;
  readonly #names: string[];
  readonly #histograms: Histograms;
  readonly #baseline: Baseline;
  #classes: number;
  #counts: Uint32Array;

  /** @param parts those of a copy */
  constructor({
    names = [],
    histograms = new Histograms(ROWS),
    baseline = new Baseline(),
    classes = 1,
    counts = new Uint32Array(ROWS * (CLASSES + classes)),
  }: Partial<Parts> = {}) {
    this.#names = names;
    this.#histograms = histograms;
    this.#baseline = baseline;
    this.#classes = classes;
    this.#counts = counts;
  }

  copy(): Slots {
    return new Slots({
      names: [...this.#names],
      histograms: this.#histograms.copy(),
      baseline: this.#baseline.copy(),
      classes: this.#classes,
      counts: this.#counts.slice(),
    });
  }

  add(nowMs: number, verdict: Verdict, className: string, bin: number): void {
    const index = verdict === "aborted" ? -1 : this.#classIndex(className);
    for (let ring = 0; ring < WINDOWS.length; ring++) {
      const { slotMs, slots } = WINDOWS[ring]!;
      const epoch = Math.floor(nowMs / slotMs);
      const row = FIRST_ROWS[ring]! + (epoch % slots);
      const at = this.#at(row);
      if (this.#counts[at] !== epoch) this.#restart(row, epoch);
      if (index === -1) {
        this.#counts[at + ABORTED]!++;
        continue;
      }
      this.#counts[at + (verdict === "failure" ? FAILURES : SUCCESSES)]!++;
      this.#counts[at + CLASSES + index]!++;
      this.#histograms.add(row, bin);
    }
  }

  /** Takes a success out of the slots it was counted in, where they are still there and hold one. */
  removeSuccess(countedAtMs: number, className: string, bin: number): void {
    const index = this.#knownClass(className);
    for (let ring = 0; ring < WINDOWS.length; ring++) {
      const { slotMs, slots } = WINDOWS[ring]!;
      const epoch = Math.floor(countedAtMs / slotMs);
      const row = FIRST_ROWS[ring]! + (epoch % slots);
      const at = this.#at(row);
      if (this.#counts[at] !== epoch || this.#counts[at + SUCCESSES] === 0) continue;
      this.#counts[at + SUCCESSES]!--;
      if (index !== -1 && this.#counts[at + CLASSES + index]! > 0) this.#counts[at + CLASSES + index]!--;
      this.#histograms.remove(row, bin);
    }
  }

  /** For a reading of now. */
  hold(nowMs: number): void {
    this.holders++;
    this.#heldMinute = Math.floor(nowMs / LONGEST.slotMs);
  }

  /** Whether a reading of another minute wants them: what {@link past} takes out of the longest window is still in its. */
  isHeldSince(nowMs: number): boolean {
    return this.holders > 0 && this.#heldMinute !== Math.floor(nowMs / LONGEST.slotMs);
  }

  /** What was before the longest window. Nothing else is told otherwise afterwards, in the same minute. */
  past(nowMs: number): Past[] {
    const oldest = Math.floor(nowMs / LONGEST.slotMs) - LONGEST.slots;
    for (let row = ROWS - LONGEST.slots; row < ROWS; row++) {
      if (this.#counts[this.#at(row) + EPOCH]! <= oldest) this.#restart(row, 0);
    }
    return this.#baseline.read(oldest);
  }

  /** Adds the counts of others, slot by slot. */
  absorb(other: Slots): void {
    this.#baseline.absorb(other.#baseline);
    const own = other.#names.map((name) => this.#classIndex(name));
    for (let row = 0; row < ROWS; row++) {
      const at = this.#at(row);
      const from = other.#at(row);
      const epoch = other.#counts[from + EPOCH]!;
      // Slots of one place are apart by whole windows: the older one has left them all.
      if (epoch < this.#counts[at + EPOCH]!) continue;
      if (epoch > this.#counts[at + EPOCH]!) this.#restart(row, epoch);
      for (let i = SUCCESSES; i < CLASSES; i++) this.#counts[at + i]! += other.#counts[from + i]!;
      own.forEach((index, i) => {
        this.#counts[at + CLASSES + index]! += other.#counts[from + CLASSES + i]!;
      });
      this.#histograms.addFrom(other.#histograms, row, row);
    }
  }

  /** What the window of this index holds now. @param bins where those are written */
  window(ring: number, nowMs: number, bins: Bins = new Bins()): WindowCounts {
    const { slotMs, slots } = WINDOWS[ring]!;
    const oldest = Math.floor(nowMs / slotMs) - slots;
    const rows: number[] = [];
    for (let row = FIRST_ROWS[ring]!; row < FIRST_ROWS[ring]! + slots; row++) {
      if (this.#counts[this.#at(row) + EPOCH]! > oldest) rows.push(row);
    }
    const classes = new Map<string, number>();
    this.#names.forEach((name, i) => {
      let count = 0;
      for (const row of rows) count += this.#counts[this.#at(row) + CLASSES + i]!;
      if (count > 0) classes.set(name, count);
    });
    this.#histograms.sum(rows, bins);
    return { ...this.totals(ring, nowMs), classes, bins };
  }

  /** How many requests the window of this index holds now: what can be told without reading its histograms. */
  totals(ring: number, nowMs: number): WindowTotals {
    const { slotMs, slots } = WINDOWS[ring]!;
    const oldest = Math.floor(nowMs / slotMs) - slots;
    const counts = this.#counts;
    const stride = CLASSES + this.#classes;
    const totals = { successes: 0, failures: 0, aborted: 0 };
    let at = FIRST_ROWS[ring]! * stride;
    for (let slot = 0; slot < slots; slot++, at += stride) {
      if (counts[at]! <= oldest) continue;
      totals.successes += counts[at + SUCCESSES]!;
      totals.failures += counts[at + FAILURES]!;
      totals.aborted += counts[at + ABORTED]!;
    }
    return totals;
  }

  #at(row: number): number {
    return row * (CLASSES + this.#classes);
  }

  #restart(row: number, epoch: number): void {
    const at = this.#at(row);
    if (row >= ROWS - LONGEST.slots) this.#remember(row);
    this.#counts.fill(0, at, at + CLASSES + this.#classes);
    this.#counts[at + EPOCH] = epoch;
    this.#histograms.clear(row);
  }

  /** What leaves the longest window is from then on what used to be. */
  #remember(row: number): void {
    const at = this.#at(row);
    const counts = this.#counts;
    const [successes, failures, aborted] = [
      counts[at + SUCCESSES]!,
      counts[at + FAILURES]!,
      counts[at + ABORTED]!,
    ];
    if (successes + failures + aborted === 0) return;
    const classes = this.#names.map((name, i) => [name, counts[at + CLASSES + i]!] as const);
    const bins = new Bins();
    this.#histograms.sum([row], bins);
    this.#baseline.add(counts[at + EPOCH]!, { successes, failures, aborted, classes, bins });
  }

  #classIndex(name: string): number {
    const names = this.#names;
    const known = this.#knownClass(name);
    if (known !== -1) return known;
    // The last place is for all that find none of their own.
    const index = names.push(names.length === CLASSES_MAX - 1 ? OTHER : name) - 1;
    if (index === this.#classes) this.#widen();
    return index;
  }

  /** The place of a class, that of all others where there are too many; -1 while it has none. */
  #knownClass(name: string): number {
    const known = this.#names.indexOf(name);
    return known === -1 && this.#names.length === CLASSES_MAX ? CLASSES_MAX - 1 : known;
  }

  #widen(): void {
    const before = CLASSES + this.#classes;
    this.#classes *= 2;
    const wide = new Uint32Array(ROWS * (CLASSES + this.#classes));
    for (let row = 0; row < ROWS; row++) {
      wide.set(this.#counts.subarray(row * before, (row + 1) * before), this.#at(row));
    }
    this.#counts = wide;
  }
}
