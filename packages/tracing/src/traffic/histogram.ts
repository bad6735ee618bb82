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

const NARROW_MAX = 65_535;

/**
 * Several histograms in one block of memory: rows of counts over the range of bins that occurred in any of them.
 * A typed array for each would cost more than its counts.
 */
export class Histograms {
  readonly #rows: number;
  #low = 0;
  #width = 0;
  #counts: Uint16Array | Uint32Array = new Uint16Array(0);

  constructor(rows: number) {
    this.#rows = rows;
  }

  add(row: number, bin: number): void {
    if (bin < this.#low || bin >= this.#low + this.#width) this.#grow(bin);
    const at = row * this.#width + bin - this.#low;
    // Two bytes do for all but the busiest.
    if (this.#counts[at] === NARROW_MAX && this.#counts instanceof Uint16Array) {
      this.#counts = Uint32Array.from(this.#counts);
    }
    this.#counts[at]!++;
  }

  addTo(row: number, sum: Map<number, number>): void {
    const start = row * this.#width;
    for (let at = 0; at < this.#width; at++) {
      const count = this.#counts[start + at]!;
      if (count !== 0) sum.set(this.#low + at, (sum.get(this.#low + at) ?? 0) + count);
    }
  }

  clear(row: number): void {
    this.#counts.fill(0, row * this.#width, (row + 1) * this.#width);
  }

  #grow(bin: number): void {
    const first = Math.floor(bin / CHUNK) * CHUNK;
    if (this.#width === 0) this.#low = first;
    const low = Math.min(this.#low, first);
    const width = Math.max(this.#low + this.#width, first + CHUNK) - low;
    const grown = new (this.#counts instanceof Uint16Array ? Uint16Array : Uint32Array)(width * this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      const old = this.#counts.subarray(row * this.#width, (row + 1) * this.#width);
      grown.set(old, row * width + this.#low - low);
    }
    this.#low = low;
    this.#width = width;
    this.#counts = grown;
  }
}
