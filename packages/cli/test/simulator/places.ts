interface Held {
  readonly from: number;
  readonly to: number;
}

const MAX_WAIT_S = 10;

/** Places that requests hold for a while, so many of each owner: a thread, or the sockets of a pool. */
export class Places {
  /** How many there are, where nothing else is said. */
  readonly size: number;
  // By owner and second; one that lasts stands in each of its seconds.
  readonly #held = new Map<string, Map<number, Held[]>>();

  constructor(size: number) {
    this.size = size;
  }

  /**
   * How many milliseconds from `at` (in seconds) until a place is free; ten seconds where none is in sight.
   *
   * @param size how many places there are at the moment
   */
  waitMs(owner: string, at: number, size: number = this.size): number {
    const seconds = this.#held.get(owner);
    if (seconds === undefined) return 0;
    const isFree = (moment: number): boolean => {
      const held = seconds.get(Math.floor(moment)) ?? [];
      let taken = 0;
      for (const { from, to } of held) if (from <= moment && moment < to) taken++;
      return taken < size;
    };
    if (isFree(at)) return 0;
    for (let second = Math.floor(at); second < at + MAX_WAIT_S; second++) {
      let next = Number.POSITIVE_INFINITY;
      for (const { to } of seconds.get(second) ?? []) {
        if (to > at && to < next && isFree(to)) next = to;
      }
      if (next < Number.POSITIVE_INFINITY) return (next - at) * 1_000;
    }
    return MAX_WAIT_S * 1_000;
  }

  /** Holds a place. */
  hold(owner: string, at: number, ms: number): void {
    const seconds = this.#held.get(owner) ?? new Map<number, Held[]>();
    this.#held.set(owner, seconds);
    const held = { from: at, to: at + ms / 1_000 };
    for (let second = Math.floor(at); second <= held.to; second++) {
      const all = seconds.get(second);
      if (all === undefined) seconds.set(second, [held]);
      else all.push(held);
    }
  }

  /** Waits for a place, holds it, and says how long the wait was. */
  take(owner: string, at: number, ms: number): number {
    const waitMs = this.waitMs(owner, at);
    this.hold(owner, at + waitMs / 1_000, ms);
    return waitMs;
  }
}
