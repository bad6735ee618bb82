import { uptime } from "node:os";

/** Time as the probes' runs know it. `FakeClock` of `@whodunit/health/testing` is the other one. */
export interface Clock {
  /** Monotonic milliseconds, for intervals, time-outs and staleness: moving the wall clock changes none of them. */
  now(): number;
  /** Milliseconds since 1970, for the times that people read. */
  wall(): number;
  /** Calls back once, `delayMs` from now, and keeps no process alive. The returned function calls it off. */
  after(delayMs: number, callback: () => void): () => void;
  /** A number from 0 to 1, for the spread of runs. */
  random(): number;
  /**
   * For the clock of a machine: milliseconds since it started, its sleep included, during which `now()` may stop.
   * Without it a sleep goes unnoticed.
   */
  uptime?(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  random: () => Math.random(),
  uptime: () => uptime() * 1_000,
  after(delayMs, callback) {
    let immediate: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // After a blocked loop timers fire before the answers that arrived meanwhile are read. One turn later
      // they have been, and a probe that answered in time is not called late. Not unref(): the loop would sleep
      // on until something else wakes it.
      immediate = setImmediate(callback);
    }, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  },
};
