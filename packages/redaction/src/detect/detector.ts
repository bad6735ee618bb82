/** A secret found in a text: `[start, end)` and what it is. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** The value was not a string but a JSON number or structure: these quotes make the mask one. */
  readonly quote?: string;
  /** It may stand far behind what it is known by: what is between is looked at, too. */
  readonly isAhead?: boolean;
  /** Further ones that were found with it, in order, all behind it: the values of a column. */
  readonly rest?: readonly Span[];
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

/** Detectors in the order in which they are asked; undefined in the place of one whose kind is not wanted. */
export type DetectorList = readonly (Detector | undefined)[];

/** The triggers of all of these. */
export const triggersOf = (detectors: DetectorList): Trigger[] =>
  detectors.flatMap((detector) => detector?.triggers ?? []);

/**
 * Makes spans of one kind; undefined of what is empty or has been replaced already, where `isQuoted` also with the quote in
 * front of it.
 */
export function spansOf(
  isReplaced: (text: string, index: number) => boolean,
  made: Pick<Span, "kind" | "isAhead">,
  isQuoted = false,
): (text: string, start: number, end: number) => Span | undefined {
  return (text, start, end) =>
    end <= start || isReplaced(text, start) || (isQuoted && isReplaced(text, start - 1))
      ? undefined
      : { start, end, ...made };
}

export const DIGITS = "0123456789";
