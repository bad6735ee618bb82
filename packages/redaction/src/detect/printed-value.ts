import { isAt, UPPER } from "./chars.ts";
import { isQuote } from "./key-in-text.ts";

const HEADS_MAX = 4;
const NAME = /^[A-Za-z_$][\w$.]{0,64}/;
const REFERENCE = /^<ref \*\d{1,9}> /;
const NUMBER = /^\(\d{1,9}\)/;
const OBJECT = /^#?<[A-Z]/;
// A tuple of Python.
const TUPLE = /^\(\s{0,4}[bu]?\\{0,64}["']/;
// Types and lengths as Go's printers have them: `(*string)(0xc0001)("x")`, `(string) (len=1) "x"`.
const TYPES =
  /^\(\*{0,2}[\w.[\]]{1,48}\) ?(?:\((?:0x[\da-f]{1,16}|len=\d{1,9}(?: cap=\d{1,9})?)\) ?){1,2}(?=\(?\\{0,64}["'`])/;
const COLOURS = /^(?:(?:\x1b|\\{1,7}x1b|\\{1,7}u001b)\[[\d;]{0,16}m){1,4}/i;
const CONTINUED = /^ \+(?:\\{0,7}[rn]|\s){1,4}[ \t]{0,64}(?=['"`])/;
const LOOK_AHEAD = 96;
const DEPTH_MAX = 1024;

/** Behind the colours in which a terminal shows what stands at `start`. */
export function withoutColours(text: string, start: number): number {
  if (text[start] !== "\x1b" && text[start] !== "\\") return start;
  return start + (COLOURS.exec(text.slice(start, start + LOOK_AHEAD))?.[0].length ?? 0);
}

/**
 * The end of an object as it is printed by `util.inspect` (`Secret { value: 'x' }`, `Map(1) { 'a' => 'b' }`,
 * `[Object: null prototype] { … }`, `<ref *1> Foo [Bar] { … }`, `<Buffer 68 75>`) and by other languages (`Some("x")`,
 * `SecretStr('x')`, `main.Secret{v:"x"}`, `#<Secret value="x">`, `string(7) "x"`); -1 when none starts here.
 */
export function printedEnd(text: string, start: number): number {
  let at = start;
  for (let heads = 0; heads < HEADS_MAX; heads++) {
    const c = text[at];
    if (c === "{") return bracketEnd(text, at);
    if (c === "(" && heads === 0) return behindRound(text, at);
    if (c === "[") {
      const end = bracketEnd(text, at);
      // `[Foo: null prototype] {`, `[Function: f] {`
      if (text[end] !== " " || !opens(text, end + 1)) return end;
      at = end + 1;
      continue;
    }
    const near = text.slice(at, at + LOOK_AHEAD);
    const reference = REFERENCE.exec(near)?.[0].length;
    if (reference !== undefined) {
      at += reference;
      continue;
    }
    if (OBJECT.test(near)) return angleEnd(text, at);
    const name = NAME.exec(near)?.[0].length ?? 0;
    if (name === 0) return -1;
    const counted = name + (NUMBER.exec(near.slice(name))?.[0].length ?? 0);
    const behind = at + counted;
    if (text[behind] === "{") return bracketEnd(text, behind);
    if (counted === name && text[behind] === "(") return roundEnd(text, behind);
    if (text[behind] !== " ") return counted > name ? behind : -1;
    if (counted > name) {
      let open = behind + 1;
      while (text[open] === "\\") open++;
      if (isQuote(text, open)) return quoteEnd(text, open, open - behind - 1);
    }
    if (!isAt(text, at, UPPER) || !opens(text, behind + 1)) return counted > name ? behind : -1;
    at = behind + 1;
  }
  return -1;
}

/** Whether a printed structure goes on here: a list is printed with blanks inside, a tag before a brace. */
function opens(text: string, index: number): boolean {
  if (text[index] === "{" || text[index] === "<") return true;
  if (text[index] !== "[") return false;
  if (text[index + 1] === " " || text[index + 1] === "]" || text[index + 1] === "\n") return true;
  const close = text.slice(index, index + LOOK_AHEAD).indexOf("]");
  return close !== -1 && text.startsWith(" {", index + close + 1);
}

/** Behind the structure that opens with a bracket or brace at `start`; the end of the text when it was cut off. */
export function bracketEnd(text: string, start: number): number {
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

// A bracket without its other one is part of a password: then it ends where the line does.
function roundEnd(text: string, start: number): number {
  let depth = 0;
  let slashes = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (c === "(" && ++depth > DEPTH_MAX) return i;
    if (c === ")" && --depth === 0) return i + 1;
    if (c === "\n") return -1;
    if (isQuote(text, i)) i = closingQuote(text, i + 1, c, slashes) + slashes;
    slashes = c === "\\" ? slashes + 1 : 0;
  }
  return -1;
}

function behindRound(text: string, start: number): number {
  const near = text.slice(start, start + LOOK_AHEAD);
  if (TUPLE.test(near)) {
    const end = roundEnd(text, start);
    if (end !== -1) return end;
    // It was cut off, and goes on to the end of the line.
    const lineEnd = text.indexOf("\n", start);
    return lineEnd === -1 ? text.length : lineEnd;
  }
  const types = TYPES.exec(near)?.[0].length;
  if (types === undefined) return -1;
  const at = start + types;
  if (text[at] === "(") return roundEnd(text, at);
  let open = at;
  while (text[open] === "\\") open++;
  return quoteEnd(text, open, open - at);
}

function angleEnd(text: string, start: number): number {
  let depth = 0;
  let slashes = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (c === "<") depth++;
    else if (c === ">" && text[i - 1] !== "=" && --depth === 0) return i + 1;
    else if (isQuote(text, i)) i = closingQuote(text, i + 1, c, slashes) + slashes;
    slashes = c === "\\" ? slashes + 1 : 0;
  }
  return text.length;
}

function quoteEnd(text: string, index: number, slashes: number): number {
  return Math.min(text.length, closingQuote(text, index + 1, text[index]!, slashes) + slashes + 1);
}

/**
 * Where a text in quotes that began before `from` ends. A quote at depth d of JSON in JSON has 2^d - 1 backslashes; a
 * literal backslash in front of it adds 2^(d+1).
 */
export function closingQuote(text: string, from: number, quote: string, slashes: number): number {
  for (let i = text.indexOf(quote, from); i !== -1; i = text.indexOf(quote, i + 1)) {
    let start = i;
    while (start > from && text[start - 1] === "\\") start--;
    if ((i - start) % (2 * (slashes + 1)) === slashes) return start + Math.max(0, i - start - slashes);
  }
  return text.length;
}

/** The same of a text that is printed in pieces, `'first\n' +` and `'second'`, each on a line. */
export function lastClosingQuote(text: string, from: number, quote: string, slashes: number): number {
  let end = closingQuote(text, from, quote, slashes);
  for (;;) {
    const behind = end + slashes + 1;
    if (text[behind] !== " ") return end;
    const joint = CONTINUED.exec(text.slice(behind, behind + LOOK_AHEAD))?.[0].length;
    if (joint === undefined) return end;
    const open = behind + joint;
    end = closingQuote(text, open + 1, text[open]!, slashes);
  }
}
