const WINDOW_MS = 1_000;

/** Lets so many things happen in one second, and refuses the rest. A clock that is set back opens a new second. */
export class Rate {
  readonly #perSecond: number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #admitted = 0;

  /** @param perSecond the most that one second admits */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Whether its last second is over: nothing is held against the next. */
  isOver(nowMs: number): boolean {
    return nowMs - this.#windowStart >= WINDOW_MS || nowMs < this.#windowStart;
  }

  /** Whether one more is admitted. @param nowMs milliseconds of one clock, the same for all calls */
  admit(nowMs: number): boolean {
    if (this.isOver(nowMs)) {
      this.#windowStart = nowMs;
      this.#admitted = 0;
    }
    if (this.#admitted >= this.#perSecond) return false;
    this.#admitted++;
    return true;
  }
}
