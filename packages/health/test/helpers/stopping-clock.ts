import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/index.ts";

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock of a process that can be stopped, and whose machine can sleep. */
export class StoppingClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;
  #asleepMs = 0;
  /** What `random()` gives, one after the other; then 0. */
  readonly randoms: number[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return Date.UTC(2030, 0, 1) + this.uptime();
  }

  uptime(): number {
    return this.#now + this.#asleepMs;
  }

  random(): number {
    return this.randoms.shift() ?? 0;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueAt: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Time passes, and nothing is called back. */
  stop(ms: number): void {
    this.#now += ms;
  }

  /** The machine sleeps, and with it, as on Linux, the monotonic clock. */
  sleep(ms: number): void {
    this.#asleepMs += ms;
  }

  /** Time passes, and what falls due is called back, what is overdue first. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.dueAt);
      next.callback();
      await setImmediate();
    }
    this.#now = end;
    await setImmediate();
  }
}
