const WORD = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}\d]+|\p{Lo}+|\p{Lu}/gu;
const PLAIN = /^[a-z\s]*$/;
const PLAIN_WORD = /[a-z]+/g;
/** A key is judged by its end; a longer one costs no more. */
export const KEY_LENGTH_MAX = 128;

/** The words of a key, lower case: split at everything but letters and digits, and at camel case. */
export function wordsOf(key: string): string[] {
  const end = key.slice(-KEY_LENGTH_MAX);
  // As the names above are written: Unicode's classes take milliseconds to be compiled.
  if (PLAIN.test(end)) return end.match(PLAIN_WORD) ?? [];
  return (end.match(WORD) ?? []).map((word) => word.toLowerCase());
}
