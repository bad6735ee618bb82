import type { Span } from "../detect/detector.ts";
import type { Replace } from "./actions.ts";

/** How far behind a cut to look for the rest of a secret: more than any detector needs to know it for one. */
const BEHIND_CUT = 4608;

/**
 * Replaces the secrets of a text. With `maxLength` the result is cut there, after redaction: of a secret that
 * straddles the cut nothing stays.
 */
export function replaceSpans(
  text: string,
  spansOf: (text: string) => readonly Span[],
  replace: Replace,
  maxLength: number = Number.POSITIVE_INFINITY,
): string {
  if (!(maxLength > 0)) return "";
  const seen = text.length > maxLength ? text.slice(0, maxLength + BEHIND_CUT) : text;
  const limit = Math.min(seen.length, maxLength);
  let result = "";
  let from = 0;
  for (const span of spansOf(seen)) {
    if (span.start >= limit) break;
    const standIn = replace(span.kind, seen.slice(span.start, span.end));
    result += seen.slice(from, span.start);
    result += span.quote === undefined ? standIn : span.quote + standIn + span.quote;
    from = span.end;
  }
  if (from === 0) return text.length > maxLength ? cut(seen, maxLength) : text;
  result += seen.slice(from, Math.max(from, limit));
  return result.length > maxLength ? cut(result, maxLength) : result;
}

/** The first `length` characters, or one less where that would part a surrogate pair. */
export function cut(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
