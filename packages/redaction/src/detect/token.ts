import {
  ALNUM,
  BASE64URL,
  BLANK,
  DASH,
  isAt,
  isInWord,
  runEnd,
  runStart,
  TOKEN68,
  wordStart,
} from "./chars.ts";
import type { Detector } from "./detector.ts";

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
    if (text[headerEnd] !== ".") return undefined;
    let end = runEnd(text, headerEnd + 1, BASE64URL);
    const known = text[end] === "." || end === text.length || text.startsWith("eyJ", headerEnd + 1);
    if (end - headerEnd < 3 || !known) return undefined;
    for (let part = 0; part < 3 && text[end] === "."; part++) end = runEnd(text, end + 1, BASE64URL);
    return { start, end, kind: "jwt" };
  },
};

const SCHEME = /^(?:bearer|basic|digest|token|apikey)$/i;
const SCHEME_MAX = 6;
// What follows a scheme in prose and in WWW-Authenticate.
const PROSE =
  /^(?:auth(?:entication|orization|enticated|orized)?|tokens?(?:-based)?|credentials?|scheme|headers?|realm=|error=|scope=|charset=|format|required|missing|invalid|expired)[.,:=]*$/i;

/** Credentials behind their HTTP authentication scheme (RFC 9110, section 11); the scheme stays. */
export const authScheme: Detector = {
  triggers: ["rer", "sic", "ken", "est", "key"].map((end) => [...[...end].map(either), " \t"]),
  find(text, index) {
    const scheme = schemeBefore(text, index);
    if (scheme === undefined) return undefined;
    const start = runEnd(text, index, BLANK, 4);
    let end = runEnd(text, start, TOKEN68 | ALNUM);
    while (text[end] === ":" && isAt(text, end + 1, TOKEN68 | ALNUM))
      end = runEnd(text, end + 1, TOKEN68 | ALNUM);
    const credential = text.slice(start, end);
    if (/^digest$/i.test(scheme) && credential.endsWith("=") && text[end] === '"') end = lineEnd(text, end);
    else if (!isCredential(scheme.toLowerCase(), credential)) return undefined;
    return { start, end, kind: "auth" };
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

/** Private keys in PEM and OpenPGP armour: to the end marker, or to the end of the text when it was cut off. */
export const privateKey: Detector = {
  triggers: [["-", "-", "-", "B"]],
  find(text, index) {
    const start = index - 5;
    if (start < 0 || !text.startsWith("-----BEGIN ", start)) return undefined;
    const label = text.slice(index + 6, index + 6 + LABEL_MAX);
    if (!/^[A-Z0-9 ]*PRIVATE KEY/.test(label)) return undefined;
    const marker = text.indexOf("-----END ", index);
    const close = marker === -1 ? -1 : text.indexOf("-----", marker + 9);
    return { start, end: close === -1 ? text.length : close + 5, kind: "private-key" };
  },
};
