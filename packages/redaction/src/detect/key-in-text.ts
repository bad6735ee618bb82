import { ALNUM, BASE64URL, BLANK, isAt, runStart, wordStart } from "./chars.ts";

/** How far a key is read. */
export const KEY_MAX = 64;
/** How many blanks may stand on either side of a separator, as they do in columns. */
export const BLANKS_MAX = 32;
/** How many backslashes may stand in front of a quote: JSON in JSON, fourteen levels deep. */
export const SLASHES_MAX = 16_384;

/** A key in front of a separator. */
export interface Key {
  readonly key: string;
  /** The quote it stands in, with its backslashes: `"`, `\"`, `'`, …; empty when there is none. */
  readonly quote: string;
  /** The key, were it to begin behind an escape: `password` of `\npassword`, and `oken` of `\token`. */
  readonly word: string;
}

/** The key in front of the separator at `index`; empty when there is none. */
export function keyBefore(text: string, index: number): Key {
  let end = runStart(text, index - operatorLength(text, index), BLANK, BLANKS_MAX);
  end = colourStart(text, end);
  // `pin[]=`, `user[pin]=`, `[Symbol(pin)]:`
  if (text[end - 1] === "]") end -= text[end - 2] === "[" ? 2 : 1;
  if (text[end - 1] === ")" && (text[end] === "]" || isSymbol(text, end))) end--;
  const last = text[end - 1];
  if (last === '"' || last === "'" || last === "`") {
    const close = end - 1;
    end = close;
    while (text[end - 1] === "\\" && close - end < SLASHES_MAX) end--;
    const quote = text.slice(end, close + 1);
    let start = end;
    while (start > 0 && end - start < KEY_MAX && !isQuote(text, start - 1) && text[start - 1] !== "\\")
      start--;
    const key = text.slice(start, end);
    return { key, quote, word: key };
  }
  let start = end;
  while (start > 0 && end - start < KEY_MAX && isKeyPart(text, start - 1)) start--;
  return { key: text.slice(start, end), quote: "", word: text.slice(wordStart(text, start), end) };
}

const SYMBOL = /\bSymbol\([^()]{1,64}\)$/;

// `Symbol(pin): 'x'`, as Node prints it
const isSymbol = (text: string, end: number): boolean =>
  SYMBOL.test(text.slice(Math.max(0, end - KEY_MAX - 16), end));

const COLOUR = /(?:\x1b|\\{1,7}x1b|\\{1,7}u001b)\[[\d;]{0,8}m$/i;

/** In front of the colour that ends at `end`, as a terminal shows the keys of a Map; `end` when there is none. */
export function colourStart(text: string, end: number): number {
  if (text[end - 1] !== "m") return end;
  return end - (COLOUR.exec(text.slice(Math.max(0, end - 24), end))?.[0].length ?? 0);
}

/** `!=`, `?=`, `+=`, `->`, `~>` and `<-` */
export const isTwofold = (text: string, index: number): boolean => {
  const before = text[index - 1];
  if (text[index] === "=") return before === "!" || before === "?" || before === "+";
  if (text[index] === ">") return before === "-" || before === "~";
  return text[index] === "-" && before === "<";
};

/** How much of an assignment stands in front of its last character: `!=`, `->`, `||=`, `??=`, `-->`, `<<-` */
function operatorLength(text: string, index: number): number {
  const before = text[index - 1];
  if (text[index] === "=" && (before === "|" || before === "?") && text[index - 2] === before) return 2;
  if (!isTwofold(text, index)) return 0;
  return (before === "-" || before === "<") && text[index - 2] === before ? 2 : 1;
}

/** `<key>` and `<ns:key>` */
export function isElement(text: string, index: number, key: string): boolean {
  if (text[index] !== ">" || isTwofold(text, index)) return false;
  const before = index - key.length - 1;
  return (
    text[before] === "<" ||
    (text[before] === ":" && text[runStart(text, before, BASE64URL, KEY_MAX) - 1] === "<")
  );
}

/** Whether a quote of any kind is there. */
export const isQuote = (text: string, index: number): boolean => {
  const c = text[index];
  return c === '"' || c === "'" || c === "`";
};

/** Whether a key without quotes goes on here. */
export function isKeyPart(text: string, index: number): boolean {
  if (isAt(text, index, ALNUM) || text.charCodeAt(index) > 127) return true;
  const c = text[index];
  return c === "-" || c === "_" || c === "." || c === "$";
}
