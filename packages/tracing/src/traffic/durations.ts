/** Upper bounds of buckets in seconds: HTTP semantic conventions 1.45, ExplicitBucketBoundaries of both histograms. */
export const BOUNDARIES: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** A request that shows what is behind a bucket. */
export interface DurationExemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly atMs: number;
  readonly durationMs: number;
}

/** One bucket: how many requests it holds, not counting those below it. */
export interface DurationBucket {
  /** Seconds; infinite for the last. */
  readonly bound: number;
  readonly count: number;
  readonly exemplar: DurationExemplar | undefined;
}

/** Durations since the start, each bucket with the latest traced request in it. */
export class Durations {
  // The last one is the sum of milliseconds.
  readonly #counts = new Float64Array(BOUNDARIES.length + 2);
  readonly #exemplars: (DurationExemplar | undefined)[] = [];

  add(durationMs: number, exemplar: DurationExemplar | undefined): void {
    let bucket = 0;
    while (bucket < BOUNDARIES.length && durationMs > BOUNDARIES[bucket]! * 1_000) bucket++;
    this.#counts[bucket]!++;
    this.#counts[BOUNDARIES.length + 1]! += durationMs;
    if (exemplar !== undefined) this.#exemplars[bucket] = exemplar;
  }

  get sumMs(): number {
    return this.#counts[BOUNDARIES.length + 1]!;
  }

  buckets(): readonly DurationBucket[] {
    return [...BOUNDARIES, Number.POSITIVE_INFINITY].map((bound, i) => ({
      bound,
      count: this.#counts[i]!,
      exemplar: this.#exemplars[i],
    }));
  }
}
