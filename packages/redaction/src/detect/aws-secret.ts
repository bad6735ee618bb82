import { ALNUM, DIGIT, isAt, LOWER, PLUS_SLASH, runEnd, runStart, UPPER, wordStart } from "./chars.ts";
import type { Span } from "./detector.ts";

const BASE64 = ALNUM | PLUS_SLASH;
const SECRET_LENGTH = 40;
const SESSION_MIN = 64;
const BESIDE_MAX = 64;

/** The secret key of AWS, which has a length but no form, beside its id, and the session token behind it. */
export function awsSecretsBeside(text: string, id: Span): Span[] {
  const found: Span[] = [];
  let at = id.end;
  // Key and token.
  for (let part = 0; part < 2; part++) {
    const span = firstFrom(text, at);
    if (span === undefined) break;
    found.push(span);
    at = span.end;
  }
  if (found.length === 0) {
    const span = lastBefore(text, id.start);
    if (span !== undefined) found.push(span);
  }
  return found;
}

function firstFrom(text: string, from: number): Span | undefined {
  for (let at = from; at < text.length && at - from < BESIDE_MAX; at++) {
    if (!isAt(text, at, BASE64)) continue;
    at = wordStart(text, at);
    const end = runEnd(text, at, BASE64);
    if (isKey(text, at, end)) return { start: at, end, kind: "aws" };
    at = end;
  }
  return undefined;
}

function lastBefore(text: string, to: number): Span | undefined {
  for (let at = to; at > 0 && to - at < BESIDE_MAX; at--) {
    if (!isAt(text, at - 1, BASE64)) continue;
    const start = runStart(text, at, BASE64, SECRET_LENGTH + 1);
    if (isKey(text, start, at)) return { start, end: at, kind: "aws" };
    at = start;
  }
  return undefined;
}

// A sum in hexadecimal has no letters of both cases.
function isKey(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length !== SECRET_LENGTH && length < SESSION_MIN) return false;
  let kinds = 0;
  for (let i = start; i < start + SECRET_LENGTH; i++)
    kinds |= isAt(text, i, DIGIT) ? DIGIT : isAt(text, i, UPPER) ? UPPER : isAt(text, i, LOWER) ? LOWER : 0;
  return kinds === (DIGIT | UPPER | LOWER);
}
