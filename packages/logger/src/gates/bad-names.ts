import { type FaultCode, NAME_GRAMMAR, reportFault } from "@whodunit/core";

/** What happens to a name that is none: `free-text` takes it for the text of a line, `strict` throws. */
export type NamesRule = "free-text" | "strict";

export const NAMES_RULES: readonly NamesRule[] = ["free-text", "strict"];

// Code has few places that log; where there are more, somebody logs from code that is made at run time.
const PLACES_MAX = 100;
// The caller's own.
const FRAMES = 1;
const FAULT_MAX_LENGTH = 200;
const LOCATION = /^ *at (?:.* \()?(.+:\d+:\d+)\)?$/;
// Of all loggers of the process.
const places = new Set<string>();

/**
 * What comes of names that are none. They are counted, outside production each place that gives one is told once, and
 * where names are strict they throw.
 */
export class BadNames {
  readonly #rule: NamesRule;
  /** How many there were. */
  count = 0;

  constructor(rule: NamesRule) {
    this.#rule = rule;
  }

  /**
   * Takes note of a name that is none.
   *
   * @param shown the name without its secrets
   * @param called the method that was called with it
   * @throws TypeError where names are strict
   */
  meet(shown: string, called: object): void {
    this.count++;
    const fault = `Cannot log under the name ${JSON.stringify(shown)}: want ${NAME_GRAMMAR}`;
    this.#refuse("WHODUNIT_LOG_NAME", fault, called);
  }

  /** Takes note of a line that does not fit its event. @throws TypeError with these words where names are strict */
  misfit(fault: string, called: object): void {
    this.#refuse("WHODUNIT_LOG_EVENT_MISFIT", fault, called);
  }

  #refuse(code: FaultCode, fault: string, called: object): void {
    if (this.#rule === "strict") throw new TypeError(fault);
    if (process.env.NODE_ENV === "production" || places.size >= PLACES_MAX) return;
    const place = placeOf(called);
    if (places.has(place)) return;
    places.add(place);
    reportFault(code, new TypeError(fault), `at ${place} (${fault.slice(0, FAULT_MAX_LENGTH)})`);
  }
}

/** Where the code stands that called `called`: file, line and column. */
function placeOf(called: object): string {
  const { stackTraceLimit } = Error;
  const holder: { stack?: string } = {};
  try {
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(holder, called as (...args: never[]) => unknown);
    const [, frame] = (holder.stack ?? "").split("\n");
    return LOCATION.exec(frame ?? "")?.[1] ?? "a place without a stack";
  } catch {
    // Where `Error.prepareStackTrace` is somebody's own, the stack may be anything.
    return "a place without a stack";
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
