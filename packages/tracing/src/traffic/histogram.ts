/**
 * Ratio of neighbouring bin bounds. Reporting a bin by `2 * gamma^i / (gamma + 1)` errs by at most
 * (gamma - 1) / (gamma + 1) = 1.5 % (DDSketch, Masson, Rim and Lee, VLDB 2019, section 2).
 */
export const GAMMA = 1.03;

const LOG_GAMMA = Math.log(GAMMA);
// 10 microseconds to one hour: what lies outside is counted at the edge.
const LOWEST = Math.ceil(Math.log(0.01) / LOG_GAMMA);
const HIGHEST = Math.ceil(Math.log(3_600_000) / LOG_GAMMA);
const CHUNK = 8;

/** The bin of a latency: bin `i` holds `(gamma^(i-1), gamma^i]` milliseconds. */
export function binOf(latencyMs: number): number {
  const bin = Math.ceil(Math.log(latencyMs) / LOG_GAMMA);
  // NaN and 0 compare as false here and land in the lowest bin.
  return bin > LOWEST ? Math.min(bin, HIGHEST) : LOWEST;
}

/** Counts by bin, in order of bins: as pairs, or one by one where there are many. */
export class Bins implements Iterable<readonly [bin: number, count: number]> {
  low = 0;
  width = 0;
  /** At `i` that of bin `low + i`; what stands beyond `width` means nothing. */
  counts: Float64Array = new Float64Array(0);

  /** Makes all counts of a range of bins 0. */
  reset(low: number, width: number): void {
    this.low = low;
    this.width = width;
    if (width > this.counts.length) this.counts = new Float64Array(width);
    else this.counts.fill(0, 0, width);
  }

  /** Counts one more latency. */
  count(latencyMs: number): void {
    const bin = binOf(latencyMs);
    if (bin < this.low || bin >= this.low + this.width) this.#grow(bin);
    this.counts[bin - this.low]!++;
  }

  *[Symbol.iterator](): Iterator<[bin: number, count: number], void, undefined> {
    for (let i = 0; i < this.width; i++) {
      const count = this.counts[i]!;
      if (count !== 0) yield [this.low + i, count];
    }
  }

  #grow(bin: number): void {
    const before = this.counts.slice(0, this.width);
    const low = this.width === 0 ? bin : Math.min(this.low, bin);
    const shift = this.width === 0 ? 0 : this.low - low;
    this.reset(low, Math.max(shift + before.length, bin - low + 1));
    this.counts.set(before, shift);
  }
}

// One byte does for most counts, two for all but the busiest.
const WIDTHS = [Uint8Array, Uint16Array, Uint32Array] as const;
type Counts = InstanceType<(typeof WIDTHS)[number]>;

/**
 * Several histograms in one block of memory: rows of counts over the range of bins that occurred in any of them.
 * A typed array for each would cost more than its counts.
 */
export class Histograms {
  readonly #rows: number;
  #low = 0;
  #width = 0;
  #counts: Counts = new Uint8Array(0);

  constructor(rows: number) {
    this.#rows = rows;
  }

  add(row: number, bin: number, count = 1): void {
    if (bin < this.#low || bin >= this.#low + this.#width) this.#grow(bin);
    const at = row * this.#width + bin - this.#low;
    const sum = this.#counts[at]! + count;
    this.#counts[at] = sum;
    // An array of too narrow counts keeps the remainder.
    while (this.#counts[at] !== sum && this.#counts.BYTES_PER_ELEMENT < 4) {
      this.#counts = wider(this.#counts);
      this.#counts[at] = sum;
    }
  }

  /** Adds a row of other histograms to one of these. */
  addFrom(other: Histograms, from: number, row: number): void {
    const start = from * other.#width;
    for (let at = 0; at < other.#width; at++) {
      const count = other.#counts[start + at]!;
      if (count !== 0) this.add(row, other.#low + at, count);
    }
  }

  /** Takes one count out of a row, where there is one. */
  remove(row: number, bin: number): void {
    if (bin < this.#low || bin >= this.#low + this.#width) return;
    const at = row * this.#width + bin - this.#low;
    if (this.#counts[at]! > 0) this.#counts[at]!--;
  }

  /** The sum of these rows, into `bins`. */
  sum(rows: readonly number[], bins: Bins): void {
    const width = this.#width;
    const counts = this.#counts;
    bins.reset(this.#low, width);
    const sums = bins.counts;
    for (const row of rows) {
      const start = row * width;
      for (let i = 0; i < width; i++) sums[i]! += counts[start + i]!;
    }
  }

  copy(): Histograms {
    const copy = new Histograms(this.#rows);
    copy.#low = this.#low;
    copy.#width = this.#width;
    copy.#counts = this.#counts.slice();
    return copy;
  }

  clear(row: number): void {
    this.#counts.fill(0, row * this.#width, (row + 1) * this.#width);
  }

  #grow(bin: number): void {
    const first = Math.floor(bin / CHUNK) * CHUNK;
    if (this.#width === 0) this.#low = first;
    const low = Math.min(this.#low, first);
    const width = Math.max(this.#low + this.#width, first + CHUNK) - low;
    const grown = new (this.#counts.constructor as (typeof WIDTHS)[number])(width * this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      const old = this.#counts.subarray(row * this.#width, (row + 1) * this.#width);
      grown.set(old, row * width + this.#low - low);
    }
    this.#low = low;
    this.#width = width;
    this.#counts = grown;
  }
}

function wider(counts: Counts): Counts {
  return (counts.BYTES_PER_ELEMENT === 1 ? Uint16Array : Uint32Array).from(counts);
}
