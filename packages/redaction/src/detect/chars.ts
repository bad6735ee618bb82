/** Character classes as bits, so that one table answers every question about an ASCII character. */
export const DIGIT = 1;
export const UPPER = 2;
export const LOWER = 4;
/** `_` and `-`, the rest of base64url. */
export const DASH = 8;
/** What else an e-mail's local part may hold, as far as people use it. */
export const LOCAL = 16;
/** What else an HTTP token68 credential may hold (RFC 9110, section 11.2). */
export const TOKEN68 = 32;
/** Space and tab. */
export const BLANK = 64;
/** Quotes and the backslashes in front of them. */
export const QUOTE = 256;
/** Hexadecimal letters, of either case. */
export const HEX_LETTER = 512;
/** Plus and slash, the rest of base64. */
export const PLUS_SLASH = 1024;
export const EQUALS = 2048;
export const DOT = 4096;
export const TILDE = 8192;
export const PERCENT = 16_384;
export const AT = 32_768;
/** What ends an unquoted value: blanks, control characters, quotes and the separators of queries and JSON. */
export const STOP = 128;

export const ALPHA: number = UPPER | LOWER;
export const ALNUM: number = DIGIT | ALPHA;
export const BASE64URL: number = ALNUM | DASH;

const CLASSES: Uint16Array = new Uint16Array(128);
const mark = (characters: string, bits: number): void => {
  for (const character of characters) CLASSES[character.charCodeAt(0)]! |= bits;
};
for (let code = 0; code < 33; code++) CLASSES[code] = STOP;
for (let code = 48; code < 58; code++) CLASSES[code] = DIGIT;
for (let code = 65; code < 91; code++) {
  CLASSES[code] = UPPER;
  CLASSES[code + 32] = LOWER;
}
mark("_-", DASH | LOCAL | TOKEN68);
mark(".%+", LOCAL);
mark(".~+/=", TOKEN68);
mark(" \t", BLANK);
mark("\"'`\\", QUOTE);
mark("\"'`,;&<>{}[]()", STOP);
mark("abcdefABCDEF", HEX_LETTER);
mark("+/", PLUS_SLASH);
mark("=", EQUALS);
mark(".", DOT);
mark("~", TILDE);
mark("%", PERCENT);
mark("@", AT);

/** Whether the character at `index` is of one of the classes; outside the text and beyond ASCII it is of none. */
export function isAt(text: string, index: number, classes: number): boolean {
  // Out of bounds charCodeAt would answer NaN, and then always be slow.
  if (index < 0 || index >= text.length) return false;
  const code = text.charCodeAt(index);
  return code < 128 && (CLASSES[code]! & classes) !== 0;
}

/** The end of the run of these classes from `index`, at most `max` characters on. */
export function runEnd(text: string, index: number, classes: number, max: number = text.length): number {
  const limit = Math.min(text.length, index + max);
  let end = index;
  while (end < limit && isAt(text, end, classes)) end++;
  return end;
}

/** The start of the run of these classes that ends before `index`, at most `max` characters back. */
export function runStart(text: string, index: number, classes: number, max: number): number {
  const limit = Math.max(0, index - max);
  let start = index;
  while (start > limit && isAt(text, start - 1, classes)) start--;
  return start;
}

/** Where a value ends that holds neither a blank, nor a control, nor one of `stops`: at most `max` characters on. */
export function valueEnd(text: string, start: number, stops: string, max: number): number {
  const limit = Math.min(text.length, start + max);
  let end = start;
  while (end < limit && text.charCodeAt(end) > 32 && !stops.includes(text[end]!)) end++;
  return end;
}

// JSON's escapes that end with a letter.
const ESCAPES = "bfnrt";
const COLOUR_MAX = 16;

/**
 * Where the word begins whose letters and digits begin at `start`: behind what is left of an escape there, be it that
 * of a line break in JSON text (`\npassword`) or of a terminal's colour (`ESC[32mpassword`).
 */
export function wordStart(text: string, start: number): number {
  if (text[start - 1] === "\\" && ESCAPES.includes(text[start]!)) return start + 1;
  const end = runEnd(text, start, DIGIT, 3);
  if (text[end] !== "m") return start;
  let open = start;
  while (start - open < COLOUR_MAX && (isAt(text, open - 1, DIGIT) || text[open - 1] === ";")) open--;
  return text[open - 1] === "[" ? end + 1 : start;
}

/** Whether a word reaches up to `index`, so that none begins there. */
export function isInWord(text: string, index: number): boolean {
  if (!isAt(text, index - 1, ALNUM)) return false;
  return !isAt(text, index - 1, LOWER) || wordStart(text, runStart(text, index, ALNUM, 4)) !== index;
}
