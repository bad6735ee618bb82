import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 60_000;
const PAUSE_MS = 5;

/**
 * Waits until `condition` holds. How long that takes is no test's business; that it never happens is.
 *
 * @throws Error when it does not hold within a minute
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string = condition.toString(),
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited a minute for this: ${what}`);
    await sleep(PAUSE_MS);
  }
}
