import {
  ALNUM,
  BASE64URL,
  BLANK,
  DASH,
  EQUALS,
  isAt,
  isInWord,
  PLUS_SLASH,
  runEnd,
  runStart,
  TOKEN68,
  wordStart,
} from "./chars.ts";
import { comparedEnd } from "./compared.ts";
import type { Detector, Span } from "./detector.ts";

// `{"alg":` in base64url.
const HEADER_MIN = 10;
const GLUED_HEADER_MAX = 128;

/** JSON web tokens: signed (JWS), encrypted (JWE), unsigned, and cut off by the end of the text. */
export const jwt: Detector = {
  triggers: [["e", "y", "J"]],
  find(text, index) {
    const start = index - 2;
    if (text[start] !== "e" || isInWord(text, start)) return undefined;
    // Behind `_` or `-` every `eyJ` of a run would walk it again: there a header is given less room.
    const headerEnd = runEnd(
      text,
      start,
      BASE64URL,
      isAt(text, start - 1, DASH) ? GLUED_HEADER_MAX : text.length,
    );
    if (headerEnd - start < HEADER_MIN) return undefined;
    // What the end of the text cuts off is known by less.
    if (headerEnd === text.length) return { start, end: headerEnd, kind: "jwt" };
    if (text[headerEnd] !== "." || isWrap(text, headerEnd + 1)) return wrappedToken(text, start, headerEnd);
    let end = runEnd(text, headerEnd + 1, BASE64URL);
    const known = text[end] === "." || end === text.length || text.startsWith("eyJ", headerEnd + 1);
    if (end - headerEnd < 3 || !known) return undefined;
    for (let part = 0; part < 3 && text[end] === "."; part++) end = runEnd(text, end + 1, BASE64URL);
    return wrappedToken(text, start, end) ?? { start, end, kind: "jwt" };
  },
};

const WRAP = /^=?(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)(?:[ \t]|\\{1,8}t){0,16}/;
const WRAP_MAX = 48;
const WRAPPED_MIN = 16;
const PARTS_MAX = 5;
// A header is short.
const WRAPS_MAX = 4;

const wrapLength = (text: string, index: number): number => {
  const c = text[index];
  if (c !== "\n" && c !== "\r" && c !== "\\" && c !== "=") return 0;
  return WRAP.exec(text.slice(index, index + WRAP_MAX))?.[0].length ?? 0;
};
const isWrap = (text: string, index: number): boolean => wrapLength(text, index) > 0;

/** The same with line breaks within, as mails and terminals have it: on from `end`, where a line of it may end; undefined when none does. */
function wrappedToken(text: string, start: number, end: number): Span | undefined {
  let at = end;
  let dots = text.slice(start, end).split(".").length - 1;
  let wraps = 0;
  while (dots > 0 || wraps <= WRAPS_MAX) {
    if (text[at] === "." && dots < PARTS_MAX - 1 && (isAt(text, at + 1, BASE64URL) || isWrap(text, at + 1))) {
      at = runEnd(text, at + 1, BASE64URL);
      dots++;
      continue;
    }
    const wrap = wrapLength(text, at);
    if (wrap === 0) break;
    wraps++;
    const next = at + wrap;
    if (text[next] === "." && dots < 2) {
      at = next;
      continue;
    }
    const stop = runEnd(text, next, BASE64URL);
    if (!goesOn(text, next, stop, dots)) break;
    at = stop;
  }
  return at === end || dots < 1 ? undefined : { start, end: at, kind: "jwt" };
}

// Before its second dot another one must come; behind it, what follows must look like it.
function goesOn(text: string, from: number, to: number, dots: number): boolean {
  if (to - from < 2) return false;
  const line = text.slice(from, Math.min(to, from + 64));
  const isEncoded = /\d/.test(line)
    ? /[A-Za-z]/.test(line)
    : /[a-z][A-Z]/.test(line) || /[A-Z]{2}[a-z]/.test(line);
  if (dots < 2 && (text[to] === "." || isWrap(text, to)) && (isEncoded || to - from >= WRAPPED_MIN))
    return true;
  return (
    isEncoded && to - from >= (dots < 2 ? WRAPPED_MIN : WRAPPED_MIN / 2) && !/[\w.]/.test(text[to] ?? " ")
  );
}

const SCHEME = /^(?:bearer|basic|digest|token|apikey)$/i;
const SCHEME_MAX = 6;
// What follows a scheme in prose and in WWW-Authenticate.
const PROSE =
  /^(?:auth(?:entication|orization|enticated|orized)?|tokens?(?:-based)?|credentials?|scheme|headers?|realm=|error=|scope=|charset=|format|required|missing|invalid|expired)[.,:=]*$/i;

/** Credentials behind their HTTP authentication scheme (RFC 9110, section 11); the scheme stays. */
export const authScheme: Detector = {
  triggers: ["rer", "sic", "ken", "est", "key"].map((end) => [...[...end].map(either), " \t+"]),
  find(text, index) {
    const scheme = schemeBefore(text, index);
    if (scheme === undefined) return undefined;
    // In a query, a plus is a blank.
    const start = text[index] === "+" ? index + 1 : runEnd(text, index, BLANK, 4);
    let end = runEnd(text, start, TOKEN68 | ALNUM);
    while (text[end] === ":" && isAt(text, end + 1, TOKEN68 | ALNUM))
      end = runEnd(text, end + 1, TOKEN68 | ALNUM);
    const credential = text.slice(start, end);
    if (/^digest$/i.test(scheme) && credential.endsWith("=") && text[end] === '"') end = lineEnd(text, end);
    else if (!isCredential(scheme.toLowerCase(), credential)) return undefined;
    return { start, end: comparedEnd(text, end), kind: "auth" };
  },
};

// `\token` may be a path's end or a tab and `oken`: what is a scheme was meant.
function schemeBefore(text: string, index: number): string | undefined {
  const start = runStart(text, index, ALNUM, SCHEME_MAX + 1);
  return [start, wordStart(text, start)]
    .map((from) => text.slice(from, index))
    .find((word) => SCHEME.test(word));
}

function either(letter: string): string {
  return letter + letter.toUpperCase();
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function isCredential(scheme: string, text: string): boolean {
  if (scheme === "basic") return text.length >= 4 && decodesToPair(text);
  if (text.length < 6 || PROSE.test(text)) return false;
  if (scheme === "bearer") return true;
  // Its credentials are parameters (RFC 7616); anything else is the digest of a file or an image.
  if (scheme === "digest") return false;
  return text.length >= 8 && /\d/.test(text) && /[a-z]/i.test(text) && !/^\d+[-./]/.test(text);
}

// RFC 7617: user-id, a colon, password, none of them with control characters.
function decodesToPair(text: string): boolean {
  if (!/^[\w+/-]+=*$/.test(text)) return false;
  const pair = Buffer.from(text, "base64").toString();
  return pair.includes(":") && !/[\0-\x1f\ufffd]/.test(pair);
}

const LABEL_MAX = 60;

/** Private keys in PEM, OpenPGP's armour and SSH2's: to the end marker, or to the end of the text when it was cut off. */
export const privateKey: Detector = {
  triggers: [
    ["-", "-", "-", "B"],
    ["-", "-", " ", "B"],
  ],
  find(text, index) {
    const start = index - 5;
    const end = start < 0 ? undefined : privateKeyEnd(text, start);
    return end === undefined ? undefined : { start, end, kind: "private-key" };
  },
};

/** The end of the private key that begins at `start`; undefined where none does. */
export function privateKeyEnd(text: string, start: number): number | undefined {
  if (!text.startsWith("-----BEGIN ", start) && !text.startsWith("---- BEGIN ", start)) return undefined;
  const index = start + 5;
  if (!/^[A-Z0-9 ]*PRIVATE KEY/.test(text.slice(index + 6, index + 6 + LABEL_MAX))) return undefined;
  const marker = text.indexOf(`${text.slice(start, index)}END `, index);
  const close = marker === -1 ? -1 : text.indexOf("----", marker + 9);
  return close === -1 ? text.length : runEnd(text, close, DASH, 5);
}

const PPK_LINES = /^es: {0,4}\d{1,4}/;
const PPK_LINES_MAX = 512;
const PPK_LINE_MAX = 80;
const PPK_SUM = /^Private-(?:MAC|Hash): {0,4}[\da-f]{0,64}/;

/** The private part of PuTTY's keys, with its sum. */
export const puttyKey: Detector = {
  triggers: [["-", "L", "i", "n"]],
  find(text, index) {
    if (!text.startsWith("Private-Lin", index - 10)) return undefined;
    const lines = PPK_LINES.exec(text.slice(index + 1, index + 16))?.[0].length;
    if (lines === undefined) return undefined;
    const start = index + 1 + lines;
    let end = start;
    for (let line = 0; line < PPK_LINES_MAX; line++) {
      const wrap = wrapLength(text, end);
      const from = end + wrap;
      if (wrap === 0) break;
      if (text.startsWith("Private-", from)) {
        end = from + (PPK_SUM.exec(text.slice(from, from + 96))?.[0].length ?? 0);
        break;
      }
      const stop = runEnd(text, from, ALNUM | PLUS_SLASH | EQUALS, PPK_LINE_MAX);
      if (stop === from) break;
      end = stop;
    }
    return end === start ? undefined : { start, end, kind: "private-key" };
  },
};
