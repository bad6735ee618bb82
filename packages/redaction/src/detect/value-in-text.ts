import { BLANK, isAt, QUOTE, runEnd, STOP } from "./chars.ts";
import type { Span } from "./detector.ts";
import {
  BLANKS_MAX,
  isElement,
  isKeyPart,
  isQuote,
  isTwofold,
  KEY_MAX,
  type Key,
  SLASHES_MAX,
} from "./key-in-text.ts";

const INDENT_MAX = 64;

// What people write behind a key to say something about the secret: that is no secret.
const STATEMENTS: ReadonlySet<string> = new Set(
  `{} [] null undefined true false none empty missing invalid expired required unexpected optional unknown malformed
  incorrect wrong not no yes must is was has cannot too ok found failed failure success successful denied rejected
  granted enabled disabled string number boolean object`.split(/\s+/),
);
// In a printed array, a name is followed by a value only among raw headers; other lists of names are just names.
const HEADER = /-|^(?:authorization|cookie)$/i;
// Behind a name, as JSON and printed objects have it, at any depth of escaping that is met.
const VALUE_KEY = /^(?:\s|\\{1,7}n){0,40}(?:\\{0,7}["'`])?value(?:\\{0,7}["'`])?[ \t]{0,8}:/;
const VALUE_KEY_MAX = 96;
// Their values hold blanks: a scheme and its parameters, pairs, words.
const TO_LINE_END = /(?:authorization|cookies?|passphrase|mnemonic|phrase)$/i;

/** Where a value stands. */
export type Found = Omit<Span, "kind">;

/** The separator of the value that belongs to the name in front of `index`: a comma may be followed by `"value":`. */
export function valueSeparator(text: string, index: number): number {
  if (text[index] !== ",") return index;
  const behind = VALUE_KEY.exec(text.slice(index + 1, index + 1 + VALUE_KEY_MAX));
  return behind === null ? index : index + behind[0].length;
}

/** Where the value behind the separator at `index` starts, its quote included. */
export function valueStart(text: string, index: number, { key, quote }: Key): number {
  if (isElement(text, index, key)) return index + 1;
  let start = index + 1;
  while (start - index < 3 && (text[start] === "=" || text[start] === ">")) start++;
  start = runEnd(text, start, BLANK, BLANKS_MAX);
  return quote !== "" && text[start] === "\n" ? runEnd(text, start + 1, BLANK, INDENT_MAX) : start;
}

/** The value that starts at `start`; `undefined` when it is none, or only says something about the secret. */
export function valueFrom(
  text: string,
  start: number,
  index: number,
  { key, quote }: Key,
): Found | undefined {
  const element = isElement(text, index, key);
  if (text[index] === ">" && !element && !isTwofold(text, index)) return undefined;
  const quoted = quotedValue(text, start);
  if (text[index] === ",")
    return quote !== "" && HEADER.test(key) && !isKey(text, quoted) ? quoted : undefined;
  if (quoted !== undefined) return quoted;
  const structure = text[start] === "{" || text[start] === "[";
  let end: number;
  if (structure) end = structureEnd(text, start, index, key);
  else end = element ? elementEnd(text, start) : plainEnd(text, start, index, key);
  if (end === start) return undefined;
  // Nothing long is a statement, so what has been walked far is walked once.
  if (end - start < KEY_MAX && isStatement(text.slice(start, end))) return undefined;
  return quote.endsWith('"') ? { start, end, quote } : { start, end };
}

function isKey(text: string, quoted: Found | undefined): boolean {
  if (quoted === undefined) return false;
  const behind = runEnd(text, quoted.end, QUOTE, SLASHES_MAX);
  return text[runEnd(text, behind, BLANK, BLANKS_MAX)] === ":";
}

const isStatement = (value: string): boolean => STATEMENTS.has(value.toLowerCase().replace(/[.!:]+$/, ""));

/** A value in quotes that may themselves be escaped: it ends at the quote of the same depth. */
function quotedValue(text: string, start: number): Found | undefined {
  let open = start;
  while (text[open] === "\\" && open - start < SLASHES_MAX) open++;
  if (!isQuote(text, open)) return undefined;
  const end = closingQuote(text, open + 1, text[open]!, open - start);
  return end === open + 1 ? undefined : { start: open + 1, end };
}

// A quote at depth d of JSON in JSON has 2^d - 1 backslashes; a literal backslash in front of it adds 2^(d+1).
function closingQuote(text: string, from: number, quote: string, slashes: number): number {
  for (let i = text.indexOf(quote, from); i !== -1; i = text.indexOf(quote, i + 1)) {
    let start = i;
    while (start > from && text[start - 1] === "\\") start--;
    if ((i - start) % (2 * (slashes + 1)) === slashes) return start + Math.max(0, i - start - slashes);
  }
  return text.length;
}

// What touches a bracket belongs to it, as in `{SSHA}DkMTwBl`.
function structureEnd(text: string, start: number, index: number, key: string): number {
  const end = bracketEnd(text, start);
  return isAt(text, end, STOP) ? end : plainEnd(text, end, index, key);
}

function bracketEnd(text: string, start: number): number {
  let depth = 0;
  let slashes = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (c === "{" || c === "[") depth++;
    else if ((c === "}" || c === "]") && --depth === 0) return i + 1;
    else if (isQuote(text, i)) i = closingQuote(text, i + 1, c, slashes) + slashes;
    slashes = c === "\\" ? slashes + 1 : 0;
  }
  return text.length;
}

function elementEnd(text: string, start: number): number {
  const close = text.startsWith("<![CDATA[", start) ? "]]>" : "<";
  const end = text.indexOf(close, start);
  if (end === -1) return text.length;
  return close === "<" ? end : end + close.length;
}

/** The end of a value without quotes: a blank, a quote, or a separator that what follows shows to be one. */
function plainEnd(text: string, start: number, index: number, key: string): number {
  const words = text[index] === ":" && TO_LINE_END.test(key);
  let end = start;
  while (end < text.length) {
    if (isQuote(text, end) || text[end] === "\n" || text[end] === "\r") break;
    if (text[end] === "\\" && /["'`nrt]/.test(text[end + 1] ?? "")) break;
    if (!words && isAt(text, end, STOP) && isSeparator(text, end)) break;
    end++;
  }
  return end;
}

const isBracket = (text: string, index: number): boolean => text[index] === "[" || text[index] === "]";

// A comma, an ampersand or a bracket may be part of a password: `a,b` is one, `a,user=ada` and `(key=a)` are not.
function isSeparator(text: string, index: number): boolean {
  if (isAt(text, index, BLANK) || text.charCodeAt(index) < 33 || text[index] === "<") return true;
  const next = index + 1;
  if (next >= text.length || isAt(text, next, STOP) || text[next] === "." || text[next] === "\\") return true;
  if (!"&,;".includes(text[index]!)) return false;
  let end = next;
  while (end < text.length && end - next < KEY_MAX && (isKeyPart(text, end) || isBracket(text, end))) end++;
  return text[end] === "=" || text[end] === ":";
}
