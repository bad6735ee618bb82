const NOBODY_WAKES = new Int32Array(new SharedArrayBuffer(4));

/**
 * Holds this thread for so many milliseconds, in which nothing else of it runs: as what works does, but without using the CPU
 * that other tests need.
 */
export function block(ms: number): void {
  Atomics.wait(NOBODY_WAKES, 0, 0, ms);
}
