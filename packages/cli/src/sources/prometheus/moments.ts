/** A stretch of time, in Unix seconds. */
export interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** What a verdict of a window stands on. */
export interface Stretches {
  /** The windows by their length in seconds: the one asked for, and ten minutes where it is shorter. */
  readonly windows: ReadonlyMap<number, Stretch>;
  /** The hour before the longest window. */
  readonly hour: Stretch;
  /** The same hour yesterday and a week ago. */
  readonly days: readonly Stretch[];
  /** What lies between yesterday's and the hour before: of whom nobody knew yesterday, all else that is known. */
  readonly earlier: Stretch;
}

const TEN_MINUTES_S = 600;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** The stretches that a verdict on the window before a moment stands on. */
export function stretchesOf(atS: number, windowS: number): Stretches {
  const lengths = windowS < TEN_MINUTES_S ? [windowS, TEN_MINUTES_S] : [windowS];
  const longestS = Math.max(...lengths);
  const hour = { fromS: atS - longestS - HOUR_S, toS: atS - longestS };
  const days = [1, 7].map((count) => {
    const middleS = atS - count * DAY_S;
    return { fromS: middleS - HOUR_S / 2, toS: middleS + HOUR_S / 2 };
  });
  return {
    ...{ hour, days },
    // A window of a day and more reaches back to yesterday's.
    earlier: { fromS: Math.min(days[0]!.toS, hour.fromS - HOUR_S), toS: hour.fromS },
    windows: new Map(lengths.map((length) => [length, { fromS: atS - length, toS: atS }])),
  };
}

/** The moments at which stretches begin and end. */
export const momentsOf = (stretches: readonly Stretch[]): number[] => [
  ...new Set(stretches.flatMap(({ fromS, toS }) => [fromS, toS])),
];
