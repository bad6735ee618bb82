/** A secret found in a text: `[start, end)` and what it is. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** The value was not a string but a JSON number or structure: these quotes make the mask one. */
  readonly quote?: string;
}

/**
 * One to four neighbouring characters without which a kind of secret does not exist. Each is a text of the ASCII
 * characters that may stand there: `["eE", "r", " "]` fires at the blank of `er ` and `Er `.
 */
export type Trigger = readonly string[];

/** Finds one kind of secret around a trigger. Most text has no trigger, so a detector costs nothing until called. */
export interface Detector {
  readonly triggers: readonly Trigger[];
  /** Whether `find` sees for itself that its trigger is there, so that it may be asked at another place, too. */
  readonly checksTrigger?: boolean;
  /**
   * The secret around the trigger whose last character is at `index`. Looks a bounded number of characters back,
   * and forward either a bounded number or no further than the end of what it returns: so a scan is linear.
   */
  find(text: string, index: number): Span | undefined;
}

export const DIGITS = "0123456789";
