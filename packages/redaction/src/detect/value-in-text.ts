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
import { lastClosingQuote, printedEnd, withoutColours } from "./printed-value.ts";

const INDENT_MAX = 64;

// What people write behind a key to say something about the secret: that is no secret.
const STATEMENTS: ReadonlySet<string> = new Set(
  `{} [] null undefined true false none empty missing invalid expired required unexpected optional unknown malformed
  incorrect wrong not no yes must is was has cannot too ok found failed failure success successful denied rejected
  granted enabled disabled string number boolean object`.split(/\s+/),
);
// In a printed array, a name is followed by a value only among raw headers; other lists of names are just names.
const HEADER = /-|^(?:authorization|cookie)$/i;
// Their values hold blanks: a scheme and its parameters, pairs, words.
const TO_LINE_END = /(?:authorization|cookies?|passphrase|mnemonic|phrase)$/i;

/** Where a value stands. */
export type Found = Omit<Span, "kind">;

/** Where the value behind the separator at `index` starts, its quote included. */
export function valueStart(text: string, index: number, { key, quote }: Key): number {
  if (isElement(text, index, key)) return index + 1;
  let start = index + 1;
  while (start - index < 3 && (text[start] === "=" || text[start] === ">")) start++;
  start = withoutColours(text, runEnd(text, start, BLANK, BLANKS_MAX));
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
  if (text[index] === ",") {
    if (quote === "" || isKey(text, quoted)) return undefined;
    return HEADER.test(key) || isEntry(text, index, quoted) ? quoted : undefined;
  }
  if (quoted !== undefined) return quoted;
  let end: number;
  if (element) end = elementEnd(text, start);
  else end = structureEnd(text, start, index, key) ?? plainEnd(text, start, index, key);
  if (end === start) return undefined;
  // `AUTH <password> called without …` names what is wanted.
  if (element && text[start] === " " && !text.startsWith("</", end)) return undefined;
  // Nothing long is a statement, so what has been walked far is walked once.
  if (end - start < KEY_MAX && isStatement(text.slice(start, end))) return undefined;
  return quote.endsWith('"') ? { start, end, quote } : { start, end };
}

/** Whether a name in quotes and the value behind it are all that a list holds. */
function isEntry(text: string, index: number, quoted: Found | undefined): boolean {
  if (quoted === undefined) return false;
  const behind = runEnd(text, runEnd(text, quoted.end, QUOTE, SLASHES_MAX), BLANK, BLANKS_MAX);
  if (text[behind] !== "]") return false;
  return /\[\s{0,8}\\{0,64}["'`][^"'`\\]{1,64}\\{0,64}["'`]$/.test(
    text.slice(Math.max(0, index - 208), index),
  );
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
  const end = lastClosingQuote(text, open + 1, text[open]!, open - start);
  return end === open + 1 ? undefined : { start: open + 1, end };
}

// What touches a bracket belongs to it, as in `{SSHA}DkMTwBl`.
function structureEnd(text: string, start: number, index: number, key: string): number | undefined {
  const end = printedEnd(text, start);
  if (end === -1) return undefined;
  return isAt(text, end, STOP) ? end : plainEnd(text, end, index, key);
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
  // What ends with a separator may be a key itself, and its value stands behind.
  const last = text[end - 1];
  const isKey = last === ":" || (last === "=" && (isQuote(text, end) || text[end] === "\\"));
  return !words && isKey && end - start > 1 ? end - 1 : end;
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
