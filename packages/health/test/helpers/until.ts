import { setTimeout } from "node:timers/promises";

/** Waits until `condition` holds, looking every 10 ms. @throws Error when it does not within 30 s */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited 30 s for this: ${what}`);
    await setTimeout(10);
  }
}
