import { ALNUM, DIGIT, isAt, isInWord, UPPER } from "./chars.ts";
import { cardLengths, ibanLength, isIban, passesLuhn } from "./checksums.ts";
import type { Span } from "./detector.ts";
import { isRun, OTHER_SEPARATORS, RUN_MIN } from "./number-run.ts";

/** Which numbers are wanted. */
export interface NumberKinds {
  readonly card: boolean;
  readonly ssn: boolean;
  readonly iban: boolean;
}

/** The first card number, SSN or IBAN at or after `from`. It is enough to look at every 11th character for a run. */
export function findNumber(text: string, from: number, kinds: NumberKinds): Span | undefined {
  let floor = from;
  for (let i = from + RUN_MIN - 1; i < text.length; i += RUN_MIN) {
    if (!isRun(text, i)) continue;
    let start = i;
    while (start > floor && isRun(text, start - 1)) start--;
    let end = i + 1;
    while (end < text.length && end - start < RUN_MIN && isRun(text, end)) end++;
    const found = end - start < RUN_MIN ? end : findInRun(text, start, kinds);
    if (typeof found !== "number") return found;
    floor = found;
    i = found;
  }
  return undefined;
}

/** The first number in the run that starts at `start`, or else where the run ends. */
function findInRun(text: string, start: number, kinds: NumberKinds): Span | number {
  let i = start;
  let isInside = isInWord(text, start);
  for (; i < text.length && isRun(text, i); i++) {
    const found = isInside ? undefined : numberAt(text, i, kinds);
    if (found !== undefined) return found;
    // A run has no small letter, so no escape ends in it.
    isInside = isAt(text, i, ALNUM);
  }
  return i;
}

/** The number that begins at `start`, which is not within a word. */
function numberAt(text: string, start: number, kinds: NumberKinds): Span | undefined {
  if (isAt(text, start, UPPER)) return kinds.iban ? iban(text, start) : undefined;
  if (!isAt(text, start, DIGIT) || (text[start - 1] === "." && isAt(text, start - 2, DIGIT)))
    return undefined;
  return (kinds.card ? card(text, start) : undefined) ?? (kinds.ssn ? ssn(text, start) : undefined);
}

// A card number in one piece, or in the groups that cards are printed in. They begin with a digit from 2 to 6, and three more.
const PRINTED: readonly RegExp[] = [
  /^[2-6]\d{11,18}(?![A-Za-z\d]|\.\d)/,
  /^[2-6]\d{3}([ +\-\u00a0\u2009\u202f\u2010-\u2013\u2212])\d{4}\1\d{4}\1\d{4}\1\d{3}(?![A-Za-z\d]|\.\d)/,
  /^[2-6]\d{3}([ +\-\u00a0\u2009\u202f\u2010-\u2013\u2212])\d{4}\1\d{4}\1\d{1,4}(?![A-Za-z\d]|\.\d)/,
  /^3\d{3}([ +\-\u00a0\u2009\u202f\u2010-\u2013\u2212])\d{6}\1\d{4,5}(?![A-Za-z\d]|\.\d)/,
];
const PRINTED_MAX = 26;
const TWO = 50;
const SIX = 54;

function card(text: string, start: number): Span | undefined {
  const first = text.charCodeAt(start);
  if (first < TWO || first > SIX) return undefined;
  for (let i = 1; i < 4; i++) if (!isAt(text, start + i, DIGIT)) return undefined;
  const near = text.slice(start, start + PRINTED_MAX);
  for (const pattern of PRINTED) {
    const printed = pattern.exec(near)?.[0];
    if (printed !== undefined && isCard(printed.replace(/\D/g, ""))) {
      return { start, end: start + printed.length, kind: "card" };
    }
  }
  return undefined;
}

const isCard = (digits: string): boolean => cardLengths(digits).includes(digits.length) && passesLuhn(digits);

const isSeparator = (text: string, index: number): boolean =>
  text[index] === " " ||
  text[index] === "-" ||
  text[index] === "+" ||
  OTHER_SEPARATORS.includes(text[index] ?? "x");

const SSN = /^(?!000|666|9)\d{3}([-\u2010-\u2013\u2212])(?!00)\d{2}\1(?!0000)\d{4}$/;

/** A US social security number that starts at `start`; the ranges are those the administration never assigns. */
function ssn(text: string, start: number): Span | undefined {
  const stop = start + 11;
  if (isAt(text, start + 3, ALNUM) || text[start - 1] === "-" || text[start - 1] === "_") return undefined;
  if (isAt(text, stop, ALNUM) || text[stop] === "-" || text[stop] === "_") return undefined;
  return SSN.test(text.slice(start, stop)) ? { start, end: stop, kind: "ssn" } : undefined;
}

/** An international bank account number that starts at `start`, in one piece or in groups. */
function iban(text: string, start: number): Span | undefined {
  if (!isAt(text, start + 1, UPPER) || !isAt(text, start + 2, DIGIT) || !isAt(text, start + 3, DIGIT))
    return undefined;
  const length = ibanLength(text.slice(start, start + 2));
  let packed = "";
  let end = start;
  while (packed.length < length) {
    if (isAt(text, end, DIGIT | UPPER)) packed += text[end];
    else if (!isSeparator(text, end) || !isAt(text, end - 1, ALNUM)) return undefined;
    end++;
  }
  if (length === 0 || isAt(text, end, ALNUM) || !isIban(packed)) return undefined;
  return { start, end, kind: "iban" };
}
