/** A secret found in a text: `[start, end)` and what it is. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** The value was not a string but a JSON number or structure: these quotes make the mask one. */
  readonly quote?: string;
}

/**
 * Finds one kind of secret around a trigger: two neighbouring characters without which no such secret exists.
 * Most text has no trigger, so a detector costs nothing until it is called.
 */
export interface Detector {
  /**
   * Pairs of characters that call this detector; the first of a pair may be `ANY`. Both are ASCII.
   */
  readonly triggers: readonly (readonly [before: string, character: string])[];
  /**
   * The secret around the trigger whose second character is at `index`. Looks a bounded number of characters back,
   * and forward either a bounded number or no further than the end of what it returns: so a scan is linear.
   */
  find(text: string, index: number): Span | undefined;
}

/** Stands for every character in front of a trigger. */
export const ANY = "";
