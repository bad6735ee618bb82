import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 60_000;
const PAUSE_MIN_MS = 5;
const PAUSE_MAX_MS = 100;
// Of the time waited so far: what takes long is not looked at hundreds of times a second, and seen a twentieth later at most.
const PAUSE_SHARE = 0.05;

/**
 * Waits until `condition` holds. How long that takes is no test's business; that it never happens is.
 *
 * @param patienceMs how long; a minute where nothing is said
 * @throws Error when it does not hold until then
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string = condition.toString(),
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  const begun = performance.now();
  while (!(await condition())) {
    const waitedMs = performance.now() - begun;
    if (waitedMs > patienceMs) throw new Error(`Waited ${patienceMs / 1_000} s for this: ${what}`);
    await sleep(Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, PAUSE_SHARE * waitedMs)));
  }
}
