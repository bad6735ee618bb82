import { ALNUM, ALPHA, BASE64URL, BLANK, isAt, QUOTE, runEnd, runStart, STOP } from "./chars.ts";
import { type Detector, DIGITS, type Span, type Trigger } from "./detector.ts";
import type { KeyRules } from "./keys.ts";

const KEY_MAX = 64;
const SLASHES_MAX = 64;
const BLANKS_MAX = 8;
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

/**
 * Secrets known by the key in front of them: `key=value`, `key: value`, query strings, JSON and printed objects at
 * any depth of escaping, raw headers, `=>` pairs and XML elements.
 */
export function assignment(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const triggers = triggersFor(keys.endings);
  const endings = endingTable(keys.endings);
  return {
    triggers,
    find(text, index) {
      if (text[index] === ":" && text.startsWith("//", index + 1)) return undefined;
      const end = lettersEnd(text, index);
      const ending = ((text.charCodeAt(end - 3) & 31) << 10) | ((text.charCodeAt(end - 2) & 31) << 5);
      if (endings[ending | (text.charCodeAt(end - 1) & 31)] === 0) return undefined;
      const found = keyBefore(text, index);
      const kind = keys.ofText(found.key);
      if (kind === undefined) return undefined;
      const start = valueStart(text, index, found);
      if (isReplaced(text, runEnd(text, start, QUOTE, SLASHES_MAX))) return undefined;
      const span = valueFrom(text, start, index, found);
      return span && { ...span, kind };
    },
  };
}

const SEPARATORS = "=:>";
const QUOTES = "'\"`";

/** The separators behind the ends of sensitive keys, with or without a quote, bracket, blank or number between. */
function triggersFor(endings: ReadonlySet<string>): Trigger[] {
  const ascii = [...endings].filter((ending) => /^[a-z]{2,}$/.test(ending));
  const both = (letters: string) => letters + letters.toUpperCase();
  const last = both([...new Set(ascii.map((ending) => ending.slice(-1)))].join(""));
  const triggers: Trigger[] = ascii.map((ending) => [...[...ending].map(both), SEPARATORS]);
  triggers.push(
    [`${last + DIGITS}\\\x7f`, QUOTES, SEPARATORS],
    [`${last + DIGITS + QUOTES}]\x7f`, " \t", SEPARATORS],
  );
  triggers.push(
    [last + DIGITS + QUOTES, "]", SEPARATORS],
    [last + DIGITS, DIGITS, "="],
    ["\x7f", SEPARATORS],
    [`${last}\\`, QUOTES, ","],
    ["!", "="],
    ["-", ">"],
  );
  return triggers;
}

/** Marks every ending by the last five bits of its letters: blind to case, and never wrong with a no. */
function endingTable(endings: ReadonlySet<string>): Uint8Array {
  const table = new Uint8Array(1 << 15);
  for (const ending of endings) {
    const [third, second, first] = [...ending].reverse().map((letter) => letter.charCodeAt(0) & 31);
    const pair = ((second ?? 0) << 5) | third!;
    if (first !== undefined && ending.length === 3) table[(first << 10) | pair] = 1;
    else for (let any = 0; any < 32; any++) table[(any << 10) | pair] = 1;
  }
  return table;
}

/** Where the letters of the key in front of a separator end: without blanks, quotes, brackets and digits. */
function lettersEnd(text: string, index: number): number {
  let end = index;
  while (end > 0 && index - end < SLASHES_MAX && !isLetter(text, end - 1)) end--;
  return end;
}

const isLetter = (text: string, index: number): boolean =>
  isAt(text, index, ALPHA) || text.charCodeAt(index) > 127;

interface Key {
  readonly key: string;
  /** The quote it stands in, with its backslashes: `"`, `\"`, `'`, …; empty when there is none. */
  readonly quote: string;
}

function keyBefore(text: string, index: number): Key {
  let end = runStart(text, isTwofold(text, index) ? index - 1 : index, BLANK, 4);
  if (text[end - 1] === "]") end--;
  const last = text[end - 1];
  if (last === '"' || last === "'" || last === "`") {
    const close = end - 1;
    end = close;
    while (text[end - 1] === "\\" && close - end < SLASHES_MAX) end--;
    const quote = text.slice(end, close + 1);
    let start = end;
    while (start > 0 && end - start < KEY_MAX && !isQuote(text, start - 1) && text[start - 1] !== "\\")
      start--;
    return { key: text.slice(start, end), quote };
  }
  let start = end;
  while (start > 0 && end - start < KEY_MAX && isKeyPart(text, start - 1)) start--;
  return { key: text.slice(start, end), quote: "" };
}

/** `!=` and `->` */
const isTwofold = (text: string, index: number): boolean =>
  (text[index] === "=" && text[index - 1] === "!") || (text[index] === ">" && text[index - 1] === "-");

/** `<key>` and `<ns:key>` */
function isElement(text: string, index: number, key: string): boolean {
  if (text[index] !== ">" || isTwofold(text, index)) return false;
  const before = index - key.length - 1;
  return (
    text[before] === "<" ||
    (text[before] === ":" && text[runStart(text, before, BASE64URL, KEY_MAX) - 1] === "<")
  );
}

const isQuote = (text: string, index: number): boolean => {
  const c = text[index];
  return c === '"' || c === "'" || c === "`";
};

function isKeyPart(text: string, index: number): boolean {
  if (isAt(text, index, ALNUM) || text.charCodeAt(index) > 127) return true;
  const c = text[index];
  return c === "-" || c === "_" || c === "." || c === "$";
}

type Found = Omit<Span, "kind">;

function valueStart(text: string, index: number, { key, quote }: Key): number {
  if (isElement(text, index, key)) return index + 1;
  let start = index + 1;
  while (start - index < 3 && (text[start] === "=" || text[start] === ">")) start++;
  start = runEnd(text, start, BLANK, BLANKS_MAX);
  return quote !== "" && text[start] === "\n" ? runEnd(text, start + 1, BLANK, INDENT_MAX) : start;
}

function valueFrom(text: string, start: number, index: number, { key, quote }: Key): Found | undefined {
  const element = isElement(text, index, key);
  if (text[index] === ">" && !element && !isTwofold(text, index)) return undefined;
  const quoted = quotedValue(text, start);
  if (text[index] === ",") return quote !== "" && HEADER.test(key) ? quoted : undefined;
  if (quoted !== undefined) return quoted;
  const structure = text[start] === "{" || text[start] === "[";
  let end: number;
  if (structure) end = bracketEnd(text, start);
  else end = element ? elementEnd(text, start) : plainEnd(text, start, index, key);
  const value = text.slice(start, Math.min(end, start + KEY_MAX));
  if (end === start || STATEMENTS.has(value.toLowerCase().replace(/[.!:]+$/, ""))) return undefined;
  return quote.endsWith('"') ? { start, end, quote } : { start, end };
}

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
  const end = text.indexOf("<", start);
  return end === -1 ? text.length : end;
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
