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
  // What a scraper has seen of them under their own name.
  #seen: Float64Array | undefined;
  readonly #exemplars: (DurationExemplar | undefined)[] = [];

  add(durationMs: number, exemplar: DurationExemplar | undefined): void {
    let bucket = 0;
    while (bucket < BOUNDARIES.length && durationMs > BOUNDARIES[bucket]! * 1_000) bucket++;
    this.#counts[bucket]!++;
    this.#counts[BOUNDARIES.length + 1]! += durationMs;
    if (exemplar !== undefined) this.#exemplars[bucket] = exemplar;
  }

  /** A scraper sees them as they are. */
  markSeen(): void {
    this.#seen = this.#counts.slice();
  }

  /** Adds what nobody has seen of others: what was seen once must not be counted elsewhere again. */
  absorb(other: Durations): void {
    for (let i = 0; i < this.#counts.length; i++)
      this.#counts[i]! += other.#counts[i]! - (other.#seen?.[i] ?? 0);
    other.#exemplars.forEach((exemplar, bucket) => {
      const own = this.#exemplars[bucket];
      if (exemplar !== undefined && exemplar.atMs > (own?.atMs ?? Number.NEGATIVE_INFINITY))
        this.#exemplars[bucket] = exemplar;
    });
  }

  get count(): number {
    return this.#counts.subarray(0, BOUNDARIES.length + 1).reduce((sum, count) => sum + count, 0);
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

/** Times to headers of one route (server) or one callee (client), over all callers of the one and routes of the other. */
export interface Latencies {
  readonly side: "server" | "client";
  /** The route, or the callee. */
  readonly name: string;
  /** Where they are counted: under their own name, or with the rest of their side. */
  durations: Durations;
}
