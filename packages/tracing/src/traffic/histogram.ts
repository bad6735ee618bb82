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

/** Latencies counted in bins of growing width; holds only the range of bins that occurred. */
export class Histogram {
  #low = 0;
  #counts: Uint32Array | undefined;

  add(bin: number): void {
    const counts = this.#counts;
    const at = bin - this.#low;
    if (counts !== undefined && at >= 0 && at < counts.length) counts[at]!++;
    else this.#grow(bin);
  }

  addTo(sum: Map<number, number>): void {
    const counts = this.#counts;
    if (counts === undefined) return;
    for (let at = 0; at < counts.length; at++) {
      const count = counts[at]!;
      if (count !== 0) sum.set(this.#low + at, (sum.get(this.#low + at) ?? 0) + count);
    }
  }

  clear(): void {
    this.#counts = undefined;
  }

  #grow(bin: number): void {
    const old = this.#counts;
    const low = Math.floor(bin / CHUNK) * CHUNK;
    if (old === undefined) {
      this.#low = low;
      this.#counts = new Uint32Array(CHUNK);
    } else {
      const newLow = Math.min(this.#low, low);
      const high = Math.max(this.#low + old.length, low + CHUNK);
      this.#counts = new Uint32Array(high - newLow);
      this.#counts.set(old, this.#low - newLow);
      this.#low = newLow;
    }
    this.#counts[bin - this.#low]!++;
  }
}
