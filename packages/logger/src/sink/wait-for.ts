/** In so long something has to move, in milliseconds. */
const STALL_MS = 1_000;
const STALLS_MAX = 5;

/**
 * Waits for `done`, but not for ever: for a second in which nothing moves, and for five in all. Keeps the process alive
 * meanwhile.
 *
 * @param moved gives something that changes while things move; undefined where nobody can tell
 * @returns whether it is done
 */
export function waitFor(done: Promise<unknown>, moved: () => unknown): Promise<boolean> {
  return new Promise((resolve) => {
    let stalls = 0;
    let before = moved();
    const timer = setInterval(() => {
      const now = moved();
      if (++stalls === STALLS_MAX || (now !== undefined && now === before)) end(false);
      before = now;
    }, STALL_MS);
    const end = (isDone: boolean): void => {
      clearInterval(timer);
      resolve(isDone);
    };
    // A destination that says that it failed has nothing more to be waited for.
    done.then(
      () => end(true),
      () => end(true),
    );
  });
}
