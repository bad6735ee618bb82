import type { Counts } from "../sources/live/counts.ts";
import { middle, quantile } from "../sources/live/latency.ts";
import type { Latency } from "../sources/live/traffic-document.ts";
import type { Graph, Inbound, Outbound } from "./graph.ts";
import { answers } from "./slower.ts";

// So many requests of one's own past weigh as much as what all the others' past says.
const WEIGHT = 100;
const LATENCY_WEIGHT = 20;

/**
 * What is usual, where few requests of it are remembered, nearer to what is usual everywhere: of forty requests that all
 * went well nobody knows whether one in a hundred fails, but where one in a hundred always failed at most others it is
 * no news. (Empirical Bayes: the prior is the median share of failures of the series that remember enough, and of
 * latencies by how much requests of all are later than their own median.)
 */
export function leanOnOthers(usual: Graph): Graph {
  const known = [...usual.values()].flatMap(({ inbound, outbound }) => [...inbound, ...outbound]);
  const shares = known
    .filter(({ counts }) => counts.count >= WEIGHT)
    .map(({ counts }) => counts.failures / counts.count)
    .sort((a, b) => a - b);
  const everywhere = shares[Math.floor(shares.length / 2)] ?? 0;
  const delays = delaysOf(known.map(({ counts }) => counts));
  const lean = <T extends Inbound | Outbound>(call: T): T => {
    const { count, failures } = call.counts;
    const share = (failures + WEIGHT * everywhere) / (count + WEIGHT);
    const latency = nearer(call.counts, delays);
    return { ...call, counts: { ...call.counts, failures: Math.max(failures, count * share), latency } };
  };
  return new Map(
    [...usual].map(([name, node]) => [
      name,
      { ...node, inbound: node.inbound.map(lean), outbound: node.outbound.map(lean) },
    ]),
  );
}

// How many times as late the next step is.
const STEP = 1.3;

/** Which part of all requests takes by which milliseconds longer than the median of its kind; each kind counts as much. */
function delaysOf(all: readonly Counts[]): ReadonlyMap<number, number> {
  const parts = new Map<number, number>();
  const told = all.filter((counts) => answers(counts) > 0);
  for (const counts of told) {
    const { latency } = counts;
    const medianMs = quantile(latency, 0.5)!;
    for (const [bin, count] of latency.bins) {
      const lateMs = Math.max(1, middle(latency.gamma, bin) - medianMs);
      const delayMs = STEP ** Math.round(Math.log(lateMs) / Math.log(STEP)) - 1;
      parts.set(delayMs, (parts.get(delayMs) ?? 0) + count / answers(counts) / told.length);
    }
  }
  return parts;
}

/** Latencies as they would be known had some more requests been late as everywhere. */
function nearer(counts: Counts, delays: ReadonlyMap<number, number>): Latency {
  const { gamma, bins: own } = counts.latency;
  const medianMs = quantile(counts.latency, 0.5);
  if (medianMs === null) return counts.latency;
  const part = answers(counts) / (answers(counts) + LATENCY_WEIGHT);
  const bins = new Map(own.map(([bin, count]) => [bin, count * part]));
  for (const [delayMs, share] of delays) {
    const bin = Math.ceil(Math.log(medianMs + delayMs) / Math.log(gamma));
    bins.set(bin, (bins.get(bin) ?? 0) + share * LATENCY_WEIGHT * part);
  }
  return { gamma, bins: [...bins].sort(([a], [b]) => a - b) };
}
