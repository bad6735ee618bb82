import { ALNUM, BLANK, isAt, QUOTE, runEnd, STOP, TOKEN68 } from "./chars.ts";
import { comparedEnd } from "./compared.ts";
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
import { blockEnd, heredocEnd } from "./text-block.ts";
import { privateKeyEnd } from "./token.ts";

const INDENT_MAX = 64;
const TEXT_END = /^(?:[}\]]{1,8}(?:[\s,"']|$)|,\s?\\{0,8}["'])/;
// What stands in the next line, with what a language says of it: `["password"]=>\n  string(1) "x"`.
const NEXT_LINE = /^(?:\n|\\{1,8}n)[ \t]{0,48}/;
const TYPE =
  /^&?(?:'\w{1,16} )?(?:mut )?[A-Za-z_][\w.]{0,32}(?:[<[][\w<>[\], |]{0,24}[>\]])?[?!]?(?: ?\| ?[\w]{1,16}){0,3}[ \t]{1,4}=[ \t]{1,4}(?=\\{0,8}["'`])/;
const TAGS = /^(?:[!&][\w!:./-]{0,32}[ \t]{1,4}){1,3}/;
// `'old' -> 'new'`, as changes are told.
const CHANGED = /^[^\s,;"'`\\)\]}]*/;
const ARROW = /^\\{0,8}["'`]?[ \t]{1,4}(?:->|=>|\u2192|~>)[ \t]{1,4}/;

// What people write behind a key to say something about the secret: that is no secret.
const STATEMENTS: ReadonlySet<string> = new Set(
  `{} [] null nil undefined true false none empty missing invalid expired required unexpected optional unknown malformed
  incorrect wrong not no yes must is was has cannot too ok found failed failure success successful denied rejected
  granted enabled disabled expected string number boolean object`.split(/\s+/),
);
// In a printed array, a name is followed by a value only among raw headers; other lists of names are just names.
const HEADER = /-|^(?:authorization|cookie)$/i;
// Their values hold blanks: a scheme and its parameters, pairs, words.
const TO_LINE_END = /(?:authorization|cookies?|passphrase|mnemonic|phrase|[a-z]-signature)$/i;

/** Where a value stands. */
export type Found = Omit<Span, "kind">;

/** Where the value behind the separator at `index` starts, its quote included. */
export function valueStart(text: string, index: number, { key, quote }: Key): number {
  if (isElement(text, index, key)) return index + 1;
  let start = index + (text.startsWith("::=", index) ? 3 : 1);
  while (start - index < 3 && (text[start] === "=" || text[start] === ">")) start++;
  // LDIF's value in Base64: `userPassword:: x`.
  if (text[index] === ":" && text[start] === ":" && text[start + 1] === " ") start++;
  start = withoutColours(text, runEnd(text, start, BLANK, BLANKS_MAX));
  // So do types: `token: &str = "x"`, `password: string = "x"`.
  if (text[index] === ":" && /[A-Za-z_&]/.test(text[start] ?? ""))
    start += TYPE.exec(text.slice(start, start + INDENT_MAX))?.[0].length ?? 0;
  // Tags and anchors of YAML say what a value is.
  if (text[start] === "!" || text[start] === "&")
    start += TAGS.exec(text.slice(start, start + INDENT_MAX))?.[0].length ?? 0;
  if (quote === "" || (text[start] !== "\n" && text[start] !== "\\")) return start;
  return start + (NEXT_LINE.exec(text.slice(start, start + INDENT_MAX))?.[0].length ?? 0);
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
  const quoted = quotedValue(text, start + prefixLength(text, start));
  if (text[index] === ",") {
    if (quote === "" || isKey(text, quoted)) return undefined;
    return HEADER.test(key) || isEntry(text, index, quoted) ? quoted : undefined;
  }
  // Of the text of JSON that ends behind the key: `{"msg":"no password:"}`.
  if (
    quote === "" &&
    quoted !== undefined &&
    start === index + 1 &&
    TEXT_END.test(text.slice(quoted.start, quoted.start + 12))
  )
    return undefined;
  if (quoted !== undefined) return withChange(text, quoted);
  let end: number;
  if (element) end = elementEnd(text, start);
  else
    end =
      privateKeyEnd(text, start) ??
      blockEnd(text, start, index) ??
      heredocEnd(text, start) ??
      structureEnd(text, start, index, key) ??
      plainEnd(text, start, index, key);
  if (end === start) return undefined;
  // `AUTH <password> called without …` names what is wanted.
  if (element && text[start] === " " && !text.startsWith("</", end)) return undefined;
  // Nothing long is a statement, so what has been walked far is walked once.
  if (end - start < KEY_MAX && isStatement(text.slice(start, end))) return undefined;
  return quote.endsWith('"') ? { start, end, quote } : withChange(text, { start, end });
}

/** With what the value became, where that stands behind it. */
function withChange(text: string, found: Found): Found {
  if (text[found.end] === "\n") return found;
  const compared = comparedEnd(text, found.end);
  if (compared !== found.end) return { ...found, end: compared };
  const arrow = ARROW.exec(text.slice(found.end, found.end + 24))?.[0].length;
  if (arrow === undefined) return found;
  const start = found.end + arrow;
  const end =
    quotedValue(text, start)?.end ?? start + CHANGED.exec(text.slice(start, start + KEY_MAX))![0].length;
  return end > start ? { ...found, end } : found;
}

// Behind the key of a hash, too: `[ 'user:7', 'password', 'x' ]`.
const ENTRY =
  /(?:\[|(?:^|[^\w$])\()\s{0,8}(?:\\{0,64}["'`][\w.-]{1,32}:[\w.:{}@-]{1,64}\\{0,64}["'`],\s{0,8})?\\{0,64}["'`][^"'`\\]{1,64}\\{0,64}["'`]$/;

/** Whether a name in quotes and the value behind it are all that a list holds. */
function isEntry(text: string, index: number, quoted: Found | undefined): boolean {
  if (quoted === undefined) return false;
  const behind = runEnd(text, runEnd(text, quoted.end, QUOTE, SLASHES_MAX), BLANK, BLANKS_MAX);
  if (text[behind] !== "]" && text[behind] !== ")") return false;
  return ENTRY.test(text.slice(Math.max(0, index - 208), index));
}

function isKey(text: string, quoted: Found | undefined): boolean {
  if (quoted === undefined) return false;
  const behind = runEnd(text, quoted.end, QUOTE, SLASHES_MAX);
  return text[runEnd(text, behind, BLANK, BLANKS_MAX)] === ":";
}

/** Whether a value only says something about a secret. */
export const isStatement = (value: string): boolean =>
  STATEMENTS.has(value.toLowerCase().replace(/^\(|[.!:)]+$/g, ""));

// Python's `b'x'` and `rb'x'`, SQL's `N'x'`, Rust's `r#"x"`, Objective-C's `@"x"`, Erlang's `<<"x"`.
const PREFIXES = "bBuUrRnNeExX@$#<";
const PREFIX =
  /^(?:[bBuUrRnNeExX@$#]|[bB][rR]|[rR][bB]|b?r#{1,3}|<<)(?=["'`]|\\{1,64}["'`][^\s,;:)}\]"'`\\])/;

/** How long what a language writes in front of the quote is. */
function prefixLength(text: string, start: number): number {
  if (!PREFIXES.includes(text[start] ?? "-")) return 0;
  return PREFIX.exec(text.slice(start, start + INDENT_MAX))?.[0].length ?? 0;
}

/** A value in quotes that may themselves be escaped: it ends at the quote of the same depth. */
function quotedValue(text: string, start: number): Found | undefined {
  let open = start;
  while (text[open] === "\\" && open - start < SLASHES_MAX) open++;
  if (!isQuote(text, open)) return undefined;
  const triple = tripleQuoted(text, start, open);
  if (triple !== undefined) return triple;
  const end = lastClosingQuote(text, open + 1, text[open]!, open - start);
  return end === open + 1 ? undefined : { start: open + 1, end };
}

// TOML's and Python's texts of several lines.
function tripleQuoted(text: string, start: number, open: number): Found | undefined {
  const quote = text.slice(start, open + 1);
  const fence = quote.repeat(3);
  if (!text.startsWith(fence, start)) return undefined;
  const from = start + fence.length;
  const end = text.indexOf(fence, from);
  return { start: from, end: end === -1 ? text.length : end };
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
  const words =
    text[index] === ":" &&
    (TO_LINE_END.test(key) || PRINTED_ERROR.test(text.slice(start, start + INDENT_MAX)));
  let end = start;
  while (end < text.length) {
    const parameter = words ? parameterEnd(text, end) : -1;
    if (parameter !== -1) {
      end = parameter;
      continue;
    }
    if (isQuote(text, end) || text[end] === "\n" || text[end] === "\r") break;
    if (text[end] === "\\" && /["'`nrt]/.test(text[end + 1] ?? "")) break;
    if (!words && isAt(text, end, STOP) && isSeparator(text, end)) break;
    end++;
  }
  if (words) end = foldedEnd(text, end);
  // What ends with a separator may be a key itself, and its value stands behind.
  const last = text[end - 1];
  const isKey = last === ":" || (last === "=" && (isQuote(text, end) || text[end] === "\\"));
  return !words && isKey && end - start > 1 ? end - 1 : end;
}

// A header's parameter in quotes: `Digest username="ada", response="x"`.
function parameterEnd(text: string, open: number): number {
  if (text[open] !== '"' && text[open] !== "\\") return -1;
  const quote = PARAMETER.exec(text.slice(open, open + 9))?.[0];
  if (quote === undefined || text[open - 1] !== "=" || !isAt(text, open - 2, ALNUM)) return -1;
  const close = text.slice(open + quote.length, open + PARAMETER_MAX).indexOf(quote);
  return close === -1 ? -1 : open + close + 2 * quote.length;
}

const PARAMETER = /^\\{0,8}"/;
const PARAMETER_MAX = 512;
const FOLD = /^(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)[ \t]{1,16}/;
const FOLD_MAX = 36;
const FOLDED_MIN = 16;

// A header goes on in lines that begin with a blank.
function foldedEnd(text: string, from: number): number {
  for (let end = from; ; ) {
    const fold = FOLD.exec(text.slice(end, end + FOLD_MAX))?.[0].length;
    if (fold === undefined) return end;
    const stop = runEnd(text, end + fold, ALNUM | TOKEN68);
    if (stop - end - fold < FOLDED_MIN) return end;
    end = stop;
  }
}

// An error as `util.inspect` prints it goes on with its message.
const PRINTED_ERROR = /^[A-Z]?\w{0,40}(?:Error|Exception)(?: \[\w{1,32}\])?: /;

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
