import type { ReadFile } from "./kernel-files.ts";

/**
 * For how long this thread was ready to run and had no CPU since its beginning, in milliseconds; undefined where the
 * system does not tell (Linux does, `Documentation/scheduler/sched-stats.rst`).
 */
export function queuedMs(read: ReadFile): number | undefined {
  const [, waitedNs] = (read("/proc/thread-self/schedstat") ?? "").split(" ").map(Number);
  return Number.isFinite(waitedNs) ? waitedNs! / 1e6 : undefined;
}
