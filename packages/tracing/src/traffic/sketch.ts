/** How often a described value was among the requests that failed, and among the others. */
export interface ValueCounts {
  readonly hash: number;
  readonly failing: number;
  readonly good: number;
}

/** What is kept of one series, compared: most telling first. */
export interface Comparison {
  /** How many requests that failed were looked at. */
  readonly failing: number;
  readonly good: number;
  readonly values: readonly ValueCounts[];
}

// The latest so many of each kind: enough to tell "all 33, 0 of 67" exactly, and a share to within a tenth.
const REQUESTS_MAX = 128;
const STRIDE = 8;
const TICK_MS = 100;
// Twice the logarithm of the likelihood ratio (G-test, one degree of freedom). By chance one in 130,000 values is above
// this, and a request of thirty fields shows some thousand.
const TELLING = 20;

/** The hashes of the latest requests' described values, one row a request. */
class Ring {
  #stride = STRIDE;
  #hashes = new Uint32Array(REQUESTS_MAX * STRIDE);
  #ticks = new Uint32Array(REQUESTS_MAX);
  #next = 0;

  get bytes(): number {
    return this.#hashes.byteLength + this.#ticks.byteLength;
  }

  copy(): Ring {
    const copy = new Ring();
    copy.#stride = this.#stride;
    copy.#hashes = this.#hashes.slice();
    copy.#ticks = this.#ticks.slice();
    copy.#next = this.#next;
    return copy;
  }

  add(tick: number, hashes: Uint32Array, count: number): void {
    if (count > this.#stride) this.#widen(count);
    const from = this.#next * this.#stride;
    for (let i = 0; i < this.#stride; i++) this.#hashes[from + i] = i < count ? hashes[i]! : 0;
    this.#ticks[this.#next] = tick;
    this.#next = (this.#next + 1) % REQUESTS_MAX;
  }

  /** How many requests there are since `tick`; each of their values is shown to `see`. */
  count(sinceTick: number, see: (hash: number) => void): number {
    let requests = 0;
    for (let row = 0; row < REQUESTS_MAX; row++) {
      if (this.#ticks[row]! < sinceTick || this.#ticks[row] === 0) continue;
      requests++;
      for (let at = row * this.#stride; at < (row + 1) * this.#stride; at++) {
        const hash = this.#hashes[at]!;
        if (hash !== 0) see(hash);
      }
    }
    return requests;
  }

  #widen(count: number): void {
    const stride = Math.ceil(count / STRIDE) * STRIDE;
    const wide = new Uint32Array(REQUESTS_MAX * stride);
    for (let row = 0; row < REQUESTS_MAX; row++) {
      wide.set(this.#hashes.subarray(row * this.#stride, (row + 1) * this.#stride), row * stride);
    }
    this.#stride = stride;
    this.#hashes = wide;
  }
}

/** The latest requests of one series by their described values: those that failed beside the others. */
export class Sketch {
  lastAtMs: number = Number.NEGATIVE_INFINITY;
  /** How many readings want it to stay as it is: who writes all the same, writes to a copy. */
  holders = 0;
  #good = new Ring();
  // Most series never fail.
  #failing: Ring | undefined;

  get hasFailed(): boolean {
    return this.#failing !== undefined;
  }

  get bytes(): number {
    return this.#good.bytes + (this.#failing?.bytes ?? 0);
  }

  copy(): Sketch {
    const copy = new Sketch();
    copy.lastAtMs = this.lastAtMs;
    copy.#good = this.#good.copy();
    copy.#failing = this.#failing?.copy();
    return copy;
  }

  /** @param hashes of the values, as many as `count` */
  add(nowMs: number, failed: boolean, hashes: Uint32Array, count: number): void {
    this.lastAtMs = nowMs;
    if (failed) this.#failing ??= new Ring();
    const ring = failed ? this.#failing! : this.#good;
    // Tick 0 is no request.
    ring.add(Math.max(1, Math.floor(nowMs / TICK_MS)), hashes, count);
  }

  /** What tells the requests that failed since `sinceMs` from the others. */
  compare(sinceMs: number): Comparison {
    const sinceTick = Math.floor(sinceMs / TICK_MS);
    const counts = new Map<number, { failing: number; good: number }>();
    const failing =
      this.#failing?.count(sinceTick, (hash) => {
        const known = counts.get(hash);
        if (known === undefined) counts.set(hash, { failing: 1, good: 0 });
        else known.failing++;
      }) ?? 0;
    if (failing === 0) return { failing, good: 0, values: [] };
    const good = this.#good.count(sinceTick, (hash) => {
      const known = counts.get(hash);
      if (known !== undefined) known.good++;
    });
    const values = [...counts]
      .map(([hash, each]) => ({ hash, ...each, score: scoreOf(each, failing, good) }))
      .filter(({ score }) => score >= TELLING)
      // What was told first of a request goes before what is as telling.
      .sort((a, b) => b.score - a.score)
      .map(({ hash, failing, good }) => ({ hash, failing, good }));
    return { failing, good, values };
  }
}

/** The G-test of failing against good by this value; 0 where it is not more frequent among those that failed. */
function scoreOf(value: Omit<ValueCounts, "hash">, failing: number, good: number): number {
  if (good === 0 || value.failing * good <= value.good * failing) return 0;
  const having = (value.failing + value.good) / (failing + good);
  return (
    2 *
    (term(value.failing, failing * having) +
      term(failing - value.failing, failing * (1 - having)) +
      term(value.good, good * having) +
      term(good - value.good, good * (1 - having)))
  );
}

const term = (observed: number, expected: number): number =>
  observed === 0 ? 0 : observed * Math.log(observed / expected);
