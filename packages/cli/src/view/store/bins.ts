/** Latencies of a minute as text: `index:count` pairs. Bin `i` holds `(1.2^(i-1), 1.2^i]` milliseconds. */
export const BIN_GAMMA = 1.2;

const LOG_GAMMA = Math.log(BIN_GAMMA);
const MIN_MS = 0.01;
const MAX_MS = 86_400_000;

/** The bin of a latency: a percentile from it is right to 10 %. */
export function binOf(durationMs: number): number {
  return Math.ceil(Math.log(Math.min(MAX_MS, Math.max(MIN_MS, durationMs))) / LOG_GAMMA);
}

/** Writes bins as text. */
export function writeBins(bins: ReadonlyMap<number, number>): string {
  return [...bins].map(([bin, count]) => `${bin}:${count}`).join(" ");
}

/** Adds bins that were written as text. */
export function readBins(text: string, into: Map<number, number> = new Map()): Map<number, number> {
  for (const part of text.split(" ")) {
    const [bin, count] = part.split(":").map(Number);
    if (Number.isInteger(bin) && Number.isInteger(count)) into.set(bin!, (into.get(bin!) ?? 0) + count!);
  }
  return into;
}
