export { assertNoSecrets } from "@whodunit/redaction/testing";
export type { DestinationCheckOptions } from "./check/assert-destination.ts";
export { assertDestination } from "./check/assert-destination.ts";
export type { DestinationUnderTest } from "./check/destination-rules.ts";

import { createLogger, type Logger } from "./logger.ts";
import type { LoggerOptions } from "./options.ts";

/** A line as its reader sees it. */
export interface CapturedLine {
  readonly level: "debug" | "error";
  readonly time: string;
  readonly msg: string;
  readonly service: string;
  readonly [field: string]: unknown;
}

/** A logger whose lines stay in memory. */
export interface Capture {
  readonly logger: Logger;
  /** The lines so far, parsed. */
  readonly lines: readonly CapturedLine[];
  /** The lines so far, as they would have been written. */
  readonly text: string;
  /** Forgets the lines so far. */
  clear(): void;
}

/**
 * Makes a logger for a test and keeps what it writes. Everything else is as in production, redaction included.
 *
 * @param options those of `createLogger`; the service is `test`, the level `debug` and the throttle off unless they say
 *   otherwise
 */
export function captureLogs(options: Partial<Omit<LoggerOptions, "destination" | "pretty">> = {}): Capture {
  let text = "";
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  return {
    logger: createLogger({ service: "test", level: "debug", throttle: false, ...options, destination }),
    get lines() {
      return text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as CapturedLine);
    },
    get text() {
      return text;
    },
    clear() {
      text = "";
    },
  };
}
