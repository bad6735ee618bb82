/** The middle of a sample, and where the middle of what it was drawn from lies with a confidence of at least 95 %. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The fewest values for which the interval exists: of five, even the least and the most hold only 93.75 %. */
export const ROUNDS_MIN = 6;

/** A ratio whose whole interval lies above this counts as slower, and below its inverse as faster. */
export const SLOWER = 1.03;

const MISSED = 0.025;

/**
 * The median of the values and its 95 % interval by order statistics: nothing is assumed of how the values are
 * distributed, but that they are independent. J.-Y. Le Boudec, Performance Evaluation of Computer and Communication
 * Systems, theorem 2.1 and table A.1 (https://leboudec.github.io/perfeval/); of 31 values the 10th and the 22nd.
 *
 * @throws RangeError where there are fewer than six values
 */
export function medianInterval(values: readonly number[]): Interval {
  const count = values.length;
  if (count < ROUNDS_MIN)
    throw new RangeError(`An interval of ${count} values cannot be told, want ${ROUNDS_MIN} or more`);
  const sorted = values.toSorted((a, b) => a - b);
  const rank = lowRank(count);
  const middle = count >> 1;
  const above = sorted[middle] as number;
  return {
    median: count % 2 === 1 ? above : ((sorted[middle - 1] as number) + above) / 2,
    low: sorted[rank] as number,
    high: sorted[count - 1 - rank] as number,
  };
}

/** What an interval of the ratio new / old says. */
export function verdict({ low, high }: Interval): "slower" | "faster" | "" {
  if (low > SLOWER) return "slower";
  return high < 1 / SLOWER ? "faster" : "";
}

/**
 * The largest index, from 0, below which the median of the whole lies with a chance of 2.5 % at most. Each value lies
 * below that median with a chance of one half, so the number of those that do is binomial.
 */
function lowRank(count: number): number {
  let chance = 2 ** -count;
  let missed = 0;
  let rank = 0;
  while (missed + chance <= MISSED) {
    missed += chance;
    chance *= (count - rank) / (rank + 1);
    rank++;
  }
  // `rank` values may lie outside on this side: the next one is the bound.
  return Math.max(0, rank - 1);
}
