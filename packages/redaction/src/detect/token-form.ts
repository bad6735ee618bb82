import {
  ALNUM,
  ALPHA,
  AT,
  BASE64URL,
  DIGIT,
  DOT,
  EQUALS,
  HEX_LETTER,
  isAt,
  isInWord,
  LOWER,
  PERCENT,
  PLUS_SLASH,
  runEnd,
  runStart,
  TILDE,
  TOKEN68,
  UPPER,
} from "./chars.ts";

/** The classes that a form may name. */
const CLASSES: Readonly<Record<string, number>> = {
  digit: DIGIT,
  hex: DIGIT | HEX_LETTER,
  lower: DIGIT | LOWER,
  upper: DIGIT | UPPER,
  alnum: ALNUM,
  base64: ALNUM | PLUS_SLASH,
  base64url: BASE64URL,
  "base64url=": BASE64URL | EQUALS,
  dotted: BASE64URL | DOT,
  "dotted~": BASE64URL | DOT | TILDE,
  anything: ALNUM | TOKEN68,
  "anything%": ALNUM | TOKEN68 | PERCENT,
  "anything@": ALNUM | TOKEN68 | AT,
};
const UUID = "<uuid>";
const UUID_RUNS = "<hex:8>-<hex:4>-<hex:4>-<hex:4>-<hex:12>";

/** Characters of a class: at least `min`, at most `max` (infinite when open). */
export interface Run {
  readonly classes: number;
  readonly min: number;
  readonly max: number;
}

/** A piece of a form: a run, or one character of these. */
export type Step = Run | string;

/** What tokens of one form look like. */
export interface TokenForm {
  /** In front of the anchor. */
  readonly lead: readonly Step[];
  /** By which the form is found: for each place, the characters that may stand there. */
  readonly anchor: readonly string[];
  readonly rest: readonly Step[];
  /** Whether names in one case, too, consist of what it consists of. */
  readonly wordy: boolean;
  /** Whether it is known in the middle of a word, too: long enough not to be one by chance. */
  readonly gluable: boolean;
}

/**
 * The ASCII characters that stand in front of a token: no letter or digit, or one that ends an escape; DEL stands for all
 * characters beyond ASCII.
 */
export const TOKEN_FRONT: string = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
  .filter((character) => !isAt(character, 0, ALNUM) || "bfnrtm".includes(character))
  .join("");
const GLUABLE_ANCHOR = 4;
const GLUABLE_MIN = 20;
const UUID_FIRST = 8;
// What is looked at of an open end, to tell it from words.
const SEEN_MAX = 16;

/**
 * Reads a form: characters stand for themselves, `[abx-z]` for one of these, `<class:8>` for 8 characters of a class,
 * `<class:8-20>` for 8 to 20, `<class:8+>` for 8 or more, `<uuid>` for a UUID. A form begins with its prefix, or else is
 * found by the longest text within it.
 */
export function readForm(form: string): TokenForm {
  const steps = stepsOf(form.includes(UUID) ? form.replace(UUID, UUID_RUNS) : form);
  const from = typeof steps[0] === "string" ? 0 : longestText(steps);
  let to = from;
  while (typeof steps[to] === "string") to++;
  const anchor = steps.slice(from, to) as string[];
  const gluable = from === 0 && isGluable(form, anchor.length);
  const rest = steps.slice(to);
  const wordy =
    from === 0 && rest.some((step) => typeof step !== "string" && (step.classes & ALPHA) === ALPHA);
  return { lead: steps.slice(0, from), anchor, rest, wordy, gluable };
}

/** Whether a form with an anchor of this length at its start is long enough, up to the end of its first run. */
export function isGluable(form: string, anchor: number): boolean {
  // A run of one letter would be looked at from each of its places.
  if (anchor < GLUABLE_ANCHOR || form.startsWith(form[0]!.repeat(GLUABLE_ANCHOR))) return false;
  const run = form.indexOf("<");
  const min = run === -1 ? 0 : Number.parseInt(form.slice(form.indexOf(":", run) + 1), 10);
  return anchor + (Number.isNaN(min) ? UUID_FIRST : min) >= GLUABLE_MIN;
}

// Without regular expressions: every process that makes a redactor pays for it.
function stepsOf(form: string): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < form.length; i++) {
    if (form[i] === "<") {
      const end = form.indexOf(">", i);
      steps.push(runOf(form.slice(i + 1, end)));
      i = end;
    } else if (form[i] === "[") {
      const end = form.indexOf("]", i);
      steps.push(spelledOut(form.slice(i + 1, end)));
      i = end;
    } else {
      steps.push(form[i]!);
    }
  }
  return steps;
}

/** `alnum:8-20` */
function runOf(text: string): Run {
  const colon = text.indexOf(":");
  const count = text.slice(colon + 1);
  const dash = count.indexOf("-");
  const min = Number.parseInt(count, 10);
  const max = count.endsWith("+")
    ? Number.POSITIVE_INFINITY
    : dash === -1
      ? min
      : Number(count.slice(dash + 1));
  return { classes: CLASSES[text.slice(0, colon)]!, min, max };
}

/** `w-z0` as `wxyz0` */
function spelledOut(set: string): string {
  let all = "";
  for (let i = 0; i < set.length; i++) {
    if (set[i + 1] !== "-") {
      all += set[i];
      continue;
    }
    for (let code = set.charCodeAt(i); code <= set.charCodeAt(i + 2); code++)
      all += String.fromCharCode(code);
    i += 2;
  }
  return all;
}

function longestText(steps: readonly Step[]): number {
  let best = 0;
  let longest = 0;
  for (let i = 0, length = 0; i < steps.length; i++) {
    length = typeof steps[i] === "string" ? length + 1 : 0;
    if (length <= longest) continue;
    longest = length;
    best = i + 1 - length;
  }
  return best;
}

/** The token of this form whose anchor stands at `index`: where it starts and ends. */
export function tokenAt(
  text: string,
  index: number,
  form: TokenForm,
): [start: number, end: number] | undefined {
  const { lead, anchor, rest } = form;
  const body = index + anchor.length;
  if (index < 0 || body > text.length) return undefined;
  const glued = lead.length === 0 && isInWord(text, index);
  if (glued && !form.gluable) return undefined;
  for (let i = 0; i < anchor.length; i++) {
    if (!anchor[i]!.includes(text[index + i]!)) return undefined;
  }
  const start = lead.length === 0 ? index : leadStart(text, index, lead);
  const enough = start === -1 ? -1 : restEnd(text, body, rest);
  if (enough === -1) return undefined;
  const last = rest.at(-1);
  const open = typeof last === "object" && last.max === Number.POSITIVE_INFINITY;
  const seen = open ? runEnd(text, enough, last.classes, SEEN_MAX) : enough;
  if ((form.wordy || glued) && !isRandom(text, body, seen, glued)) return undefined;
  if (!open) {
    const goesOn = typeof last === "object" && isAt(text, enough, last.classes);
    return goesOn ? undefined : [start, enough];
  }
  let end = runEnd(text, seen, last.classes);
  while (end > enough && text[end - 1] === ".") end--;
  return [start, end];
}

function leadStart(text: string, index: number, lead: readonly Step[]): number {
  let start = index;
  for (let i = lead.length - 1; i >= 0; i--) {
    const step = lead[i]!;
    if (typeof step === "string") {
      if (start === 0 || !step.includes(text[start - 1]!)) return -1;
      start--;
    } else {
      const from = runStart(text, start, step.classes, step.max);
      if (start - from < step.min) return -1;
      start = from;
    }
  }
  return start;
}

/** Where the rest ends, of its open end no more than it needs; -1 when it is not there. */
function restEnd(text: string, from: number, rest: readonly Step[]): number {
  let end = from;
  for (const step of rest) {
    if (typeof step === "string") {
      if (end >= text.length || !step.includes(text[end]!)) return -1;
      end++;
    } else {
      const to = runEnd(text, end, step.classes, step.max === Number.POSITIVE_INFINITY ? step.min : step.max);
      if (to - end < step.min) return -1;
      end = to;
    }
  }
  return end;
}

/** Names are words in one case. What stands in a word must have a digit as well as a letter. */
function isRandom(text: string, from: number, to: number, glued: boolean): boolean {
  let digit = false;
  let upper = false;
  let lower = false;
  for (let i = from; i < to; i++) {
    if (isAt(text, i, DIGIT)) digit = true;
    else if (isAt(text, i, UPPER)) upper = true;
    else lower ||= isAt(text, i, LOWER);
  }
  return glued ? digit && (upper || lower) : digit || (upper && lower);
}
