import { ALNUM, DIGIT, isAt, UPPER } from "./chars.ts";
import { cardLengths, ibanLength, isIban, passesLuhn } from "./checksums.ts";
import type { Span } from "./detector.ts";

/** A run of digits, capitals and separators shorter than this holds no such number. */
export const RUN_MIN = 11;
const CARD_MIN = 12;
const CARD_MAX = 19;

/** Which numbers are wanted. */
export interface NumberKinds {
  readonly card: boolean;
  readonly ssn: boolean;
  readonly iban: boolean;
}

/**
 * The first card number, SSN or IBAN at or after `from`. Each is a run of at least 11 digits, capitals and
 * separators (blank, dash, plus in a query), so it is enough to look at every 11th character: text without numbers costs next to nothing.
 */
export function findNumber(text: string, from: number, kinds: NumberKinds): Span | undefined {
  let floor = from;
  for (let i = from + RUN_MIN - 1; i < text.length; i += RUN_MIN) {
    if (!isRun(text, i)) continue;
    let end = i + 1;
    while (end < text.length && isRun(text, end)) end++;
    let start = i;
    while (start > floor && isRun(text, start - 1)) start--;
    if (end - start >= RUN_MIN) {
      const found = inRun(text, start, end, kinds);
      if (found !== undefined) return found;
    }
    floor = end;
    i = end;
  }
  return undefined;
}

const RUN: Uint8Array = new Uint8Array(128);
for (const character of " +-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") RUN[character.charCodeAt(0)] = 1;

const isRun = (text: string, index: number): boolean => RUN[text.charCodeAt(index)] === 1;

function inRun(text: string, start: number, end: number, kinds: NumberKinds): Span | undefined {
  for (let i = start; i < end; i++) {
    if (isAt(text, i - 1, ALNUM) || !isAt(text, i, DIGIT | UPPER)) continue;
    if (isAt(text, i, UPPER)) {
      const found = kinds.iban ? iban(text, i) : undefined;
      if (found !== undefined) return found;
    } else if (text[i - 1] !== "." || !isAt(text, i - 2, DIGIT)) {
      const found = (kinds.card && card(text, i, end)) || (kinds.ssn && ssn(text, i, end));
      if (found) return found;
    }
  }
  return undefined;
}

/** A card number that starts at `start`: digits in one piece, or in the groups that cards are printed in. */
function card(text: string, start: number, end: number): Span | undefined {
  let digits = "";
  const ends: number[] = [];
  let groups = "";
  let separator = "";
  let group = 0;
  for (let i = start; i <= end && digits.length <= CARD_MAX; i++) {
    if (i < end && isAt(text, i, DIGIT)) {
      digits += text[i];
      group++;
      ends.push(i + 1);
      if (!isAt(text, i + 1, DIGIT) && digits.length >= CARD_MIN) {
        if (isCard(digits, groups + group) && !isAt(text, i + 1, ALNUM) && !startsFraction(text, i + 1)) {
          return { start, end: i + 1, kind: "card" };
        }
      }
      continue;
    }
    if (group === 0 || (separator !== "" && text[i] !== separator)) return undefined;
    separator = text[i] ?? "";
    groups += `${group},`;
    group = 0;
  }
  return undefined;
}

const isSeparator = (text: string, index: number): boolean =>
  text[index] === " " || text[index] === "-" || text[index] === "+";

const PRINTED = /^(?:\d+|(?:4,){3,4}[1-4]|4,6,[45])$/;

function isCard(digits: string, groups: string): boolean {
  return PRINTED.test(groups) && cardLengths(digits).includes(digits.length) && passesLuhn(digits);
}

const startsFraction = (text: string, index: number): boolean =>
  text[index] === "." && isAt(text, index + 1, DIGIT);

const SSN = /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/;

/** A US social security number that starts at `start`; the ranges are those the administration never assigns. */
function ssn(text: string, start: number, end: number): Span | undefined {
  const stop = start + 11;
  if (stop > end || text[start + 3] !== "-" || text[start - 1] === "-" || text[start - 1] === "_")
    return undefined;
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
