const EVERY_MS = 2_000;
const AFTER_FAILURE_MS = 5_000;

/** A repeated question. */
export interface Poll {
  /** Asks at once, also when paused, and then goes on as before. */
  now(): void;
  pause(paused: boolean): void;
}

/**
 * Asks again and again, one question at a time and never from a hidden tab. The next begins some seconds after
 * the answer, so that a slow receiver is not asked faster than it answers.
 */
export function startPoll(ask: () => Promise<boolean>): Poll {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let paused = false;
  let asking = false;
  let again = false;

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    const well = await ask();
    asking = false;
    if (again) {
      again = false;
      return run();
    }
    if (!paused && !document.hidden) timer = setTimeout(run, well ? EVERY_MS : AFTER_FAILURE_MS);
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (!paused) void run();
  });
  return {
    now: () => void run(),
    pause(value) {
      paused = value;
      if (paused) clearTimeout(timer);
      else void run();
    },
  };
}
