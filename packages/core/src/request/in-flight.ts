// Symbol.for: two copies of this package in one process still count together.
const IN_FLIGHT = Symbol.for("whodunit.requests-in-flight");
const process_ = globalThis as { [IN_FLIGHT]?: { count: number } };
process_[IN_FLIGHT] ??= { count: 0 };

/** The process's observed requests that have started and not ended. */
export const inFlight: { count: number } = process_[IN_FLIGHT];

/** How many observed requests have started and not ended, those that Whodunit itself answers left out. */
export function requestsInFlight(): number {
  return inFlight.count;
}
