import type { Latency } from "./traffic-document.ts";

/** Latencies of several series or instances as one. */
export function mergeLatency(parts: readonly Latency[]): Latency {
  // The coarsest scale can hold the finer ones; the reverse would invent precision.
  const gamma = parts.reduce(
    (widest, part) => (part.bins.length > 0 ? Math.max(widest, part.gamma) : widest),
    1,
  );
  if (gamma === 1) return { gamma: 2, bins: [] };
  if (parts.length === 1) return parts[0]!;
  const bins = new Map<number, number>();
  for (const part of parts) {
    for (const [index, count] of part.bins) {
      const at =
        part.gamma === gamma ? index : Math.ceil(Math.log(middle(part.gamma, index)) / Math.log(gamma));
      bins.set(at, (bins.get(at) ?? 0) + count);
    }
  }
  return { gamma, bins: [...bins].sort(([a], [b]) => a - b) };
}

/**
 * The latency in milliseconds below which the share `q` of the requests stayed; null without requests.
 * Relative error at most `(gamma - 1) / (gamma + 1)` (DDSketch, VLDB 2019).
 */
export function quantile({ gamma, bins }: Latency, q: number): number | null {
  const total = bins.reduce((sum, bin) => sum + bin[1], 0);
  if (total === 0) return null;
  const rank = q * (total - 1);
  let seen = 0;
  for (const bin of bins) {
    seen += bin[1];
    if (seen > rank) return middle(gamma, bin[0]);
  }
  return middle(gamma, bins.at(-1)![0]);
}

/** The point of a bin that is equally far, in relative terms, from both its ends. */
export const middle = (gamma: number, index: number): number => (2 * gamma ** index) / (gamma + 1);
