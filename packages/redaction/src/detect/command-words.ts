// One piece in quotes and nothing else.
const QUOTED = /^(\\{0,8}["'])[^"']*?(\\{0,8}["'])$/;
const WORD =
  /(?:\\{0,8}"(?:[^"\\]|\\[^"]){0,96}\\{0,8}"|\\{0,8}'[^']{0,96}'|[^\s"',|;&<>()[\]{}\\]){1,224}|[|;&\n]/g;
const WORD_AHEAD_MAX = 80;

/** A word of a command line: where it stands, without its quotes. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The words of a command line, and what ends one. */
export function wordsIn(text: string, from: number, to: number): Word[] {
  return [...text.slice(from, to).matchAll(WORD)].map((match) => {
    const quoted = QUOTED.exec(match[0]);
    const open = quoted?.[1]?.length ?? 0;
    const close = quoted?.[2]?.length ?? 0;
    const start = from + match.index + open;
    const end = from + match.index + match[0].length - close;
    return { text: match[0].slice(open, match[0].length - close).replace(/["']/g, ""), start, end };
  });
}

/** The words up to the end of this command. */
export function ownWords(words: readonly Word[]): readonly Word[] {
  const stop = words.findIndex(isEnd);
  return stop === -1 ? words : words.slice(0, stop);
}

/** Whether a command ends here. */
export const isEnd = (word: Word): boolean => /^[|;&\n]$/.test(word.text);

/** Where a word ends: one without quotes goes on through what only a shell would take for its own. */
export function wordEnd(text: string, word: Word): number {
  const before = text[word.start - 1];
  if (before === '"' || before === "'") return word.end;
  let end = word.end;
  while (end < text.length && end - word.end < WORD_AHEAD_MAX && !/[\s"'`]/.test(text[end]!)) end++;
  while (end > word.end && /[,;.)\]}]/.test(text[end - 1]!)) end--;
  return end;
}
