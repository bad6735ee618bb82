import type { Attributes } from "./span.ts";

/** One log line, whoever wrote it and however it came. */
export interface Line {
  /** Milliseconds since 1970, with fractions. */
  readonly timeMs: number;
  readonly service: string;
  /** The level's word in lower case, such as `debug`, `info` or `error`. */
  readonly level: string;
  /** Whether somebody should look at it: warn and above. */
  readonly failed: boolean;
  /** Under which name it is counted: its own, else the template of its text. */
  readonly name: string;
  /** What it says, as it was written. */
  readonly text: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  /** All else that it holds. */
  readonly fields: Attributes;
  /** How many occurrences it stands for: more than one where a logger throttled. */
  readonly count: number;
}
