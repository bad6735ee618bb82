// The longest that setTimeout takes.
export const TIMER_MAX_MS = 2_147_483_647;

/**
 * Waits for `work`, `timeoutMs` at most; what `work` rejects with is thrown. Meanwhile the process is held: sockets and
 * timers of exporters hold none.
 */
export async function waitAtMost(
  timeoutMs: number | undefined,
  work: Promise<unknown> | undefined,
): Promise<void> {
  if (work === undefined) return;
  const late = Promise.withResolvers<void>();
  const hold = setTimeout(late.resolve, timeoutMs ?? TIMER_MAX_MS);
  try {
    await (timeoutMs === undefined ? work : Promise.race([work, late.promise]));
  } finally {
    clearTimeout(hold);
  }
}
