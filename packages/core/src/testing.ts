import { setImmediate } from "node:timers/promises";

interface Timer {
  readonly dueAtMs: number;
  readonly callback: () => void;
}

/**
 * A clock for tests, which stands still until it is told to go on. It fits the `clock` of `createHealth` and of
 * `recordTracing`.
 */
export class FakeClock {
  readonly #timers = new Set<Timer>();
  #nowMs = 0;
  #offsetMs: number;

  /** @param startMs where the wall clock starts, in milliseconds since 1970. Default: 1 January 2030 */
  constructor(startMs: number = Date.UTC(2030, 0, 1)) {
    this.#offsetMs = startMs;
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.#nowMs;
  }

  /** Monotonic milliseconds; {@link now} as tracing calls it. */
  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Milliseconds since 1970. */
  wall(): number {
    return this.#nowMs + this.#offsetMs;
  }

  /** The moment `monotonicMs` in milliseconds since 1970. */
  wallMs(monotonicMs: number): number {
    return monotonicMs + this.#offsetMs;
  }

  /** Always 0, so nothing is spread. */
  random(): number {
    return 0;
  }

  /** Calls back once, when `delayMs` have been let pass. The returned function calls it off. */
  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueAtMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /**
   * Lets time pass. Where nothing falls due the time is there at once; else await it: callbacks are called in their
   * order, and promises settle in between.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#nextDue(endMs); timer !== undefined; timer = this.#nextDue(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueAtMs);
      timer.callback();
      await setImmediate();
    }
    this.#nowMs = endMs;
    await setImmediate();
  }

  /** Moves the wall clock alone, as an administrator or NTP would. */
  moveWall(ms: number): void {
    this.#offsetMs += ms;
  }

  #nextDue(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAtMs <= endMs && (next === undefined || timer.dueAtMs < next.dueAtMs)) next = timer;
    }
    return next;
  }
}
