import { ALNUM, isAt } from "./chars.ts";

const IDENTIFIER_MAX = 48;
// A name that is put together, as programs have it.
const CAMEL_CASE = /[a-z][A-Z]/;
const IN_FRONT_OF_NO_IDENTIFIER = "</:$&?@-\\";

/** The identifier that ends with the word from `start` to `end`: `apiKey`, `DB_PASSWORD`, `user.password`; undefined where it is a word. */
export function identifierAt(text: string, start: number, end: number, word: string): string | undefined {
  let from = start;
  while (
    from > 0 &&
    end - from < IDENTIFIER_MAX &&
    (isAt(text, from - 1, ALNUM) || text[from - 1] === "_" || text[from - 1] === ".")
  )
    from--;
  if (IN_FRONT_OF_NO_IDENTIFIER.includes(text[from - 1] ?? " ")) return undefined;
  if (from < start) return text.slice(from, end);
  return CAMEL_CASE.test(word) ? word : undefined;
}
