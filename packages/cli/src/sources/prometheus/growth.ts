import type { Sample } from "./client.ts";
import type { Labels } from "./known-labels.ts";

/** What tells a process apart in a series' labels. */
export type InstanceOf = (labels: Labels) => string;

/** Since when counters are known. */
export interface Since {
  /** The moment of the earlier samples, in Unix seconds. */
  readonly fromS: number;
  /** Since when each process counts, in Unix seconds; undefined where nothing tells. */
  readonly starts: ReadonlyMap<string, number> | undefined;
  readonly instanceOf: InstanceOf;
  /**
   * Hears of each sum of several processes that fell: one of them is gone or began anew, and nobody knows by how much the
   * others grew. It is left out. Undefined where counters are of one process each.
   */
  readonly onFallenSum?: (labels: Labels) => void;
}

/**
 * By how much counters grew from one moment to another. One that fell began anew: all it holds is new. One that was not
 * there before is new where its process was, or has started since; else the store has only just begun to ask that
 * process, and nobody knows when it counted what it holds.
 */
export function growthOf(
  before: readonly Sample[],
  after: readonly Sample[],
  { fromS, starts, instanceOf, onFallenSum }: Since,
): Sample[] {
  const were = new Map(before.map(({ labels, value }) => [labels, value]));
  const wereThere = new Set(before.map(({ labels }) => instanceOf(labels)));
  const grown: Sample[] = [];
  for (const { labels, value } of after) {
    const was = were.get(labels);
    if (was === undefined && !isNew(instanceOf(labels))) continue;
    if (onFallenSum !== undefined && was !== undefined && value < was) {
      onFallenSum(labels);
      continue;
    }
    // What did not grow stays: a bucket that holds nothing tells where the next one begins.
    grown.push({ labels, value: was === undefined || value < was ? value : value - was });
  }
  return grown;

  function isNew(instance: string): boolean {
    if (wereThere.has(instance)) return true;
    if (starts === undefined) return wereThere.size > 0;
    return (starts.get(instance) ?? Number.NEGATIVE_INFINITY) >= fromS;
  }
}
