const ASCII = /^[\0-\x7f]*$/;
// What `anyWord` means where all is ASCII, as most keys are: Unicode's classes take a millisecond where they are read.
const ASCII_WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z\d]+|[A-Z]/g;
let anyWord: RegExp | undefined;
/** A key is judged by its end; a longer one costs no more. */
export const KEY_LENGTH_MAX = 128;

/** The words of a key, lower case: split at everything but letters and digits, and at camel case. */
export function wordsOf(key: string): string[] {
  const end = key.slice(-KEY_LENGTH_MAX);
  // An accent may be a character of its own (Unicode, normalization form D).
  const words = ASCII.test(end) ? end.match(ASCII_WORD) : wordsOfAny(end.normalize("NFC"));
  return words?.map((word) => word.toLowerCase()) ?? [];
}

function wordsOfAny(key: string): RegExpMatchArray | null {
  anyWord ??= /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}\d]+|[\p{Lo}\p{Lm}][\p{Lo}\p{Lm}\p{M}]*|\p{Lu}/gu;
  return key.match(anyWord);
}
