import { valueEnd } from "./chars.ts";
import { isRandomWord } from "./random-word.ts";

// `'x1', got 'x2'`, `x1 does not match x2`, as what is compared is told.
const COMPARED =
  /^\\{0,8}["'`\u2019\u201d\u00bb)]?,?(?: (?:but |and |it )?(?:got|received|have|had|has|found|actual(?:ly)?|was|is not|isn't|does not (?:match|equal)|doesn't (?:match|equal)|instead of|not|vs\.?|!==?|===?|<>|\u2260)){1,2}:? \\{0,8}["'`\u2018\u201c\u00ab(]?(?=[^\s"'`\\])/i;
const COMPARED_MAX = 48;
const VALUE_MAX = 64;
const NOT_COMPARED = "\"'`\\<>\u2019\u201d\u00bb,;)";

/** Behind what a value is compared with, where that is one that nobody says, too; `end` where it is none. */
export function comparedEnd(text: string, end: number): number {
  const gap = COMPARED.exec(text.slice(end, end + COMPARED_MAX))?.[0].length;
  if (gap === undefined) return end;
  const stop = valueEnd(text, end + gap, NOT_COMPARED, VALUE_MAX);
  const trailing = /[.:!?]{0,8}$/.exec(text.slice(end + gap, stop))![0].length;
  return isRandomWord(text.slice(end + gap, stop - trailing), 5) ? stop - trailing : end;
}
