import { ALNUM, BLANK, DASH, isAt, runEnd, runStart, STOP } from "./chars.ts";
import type { Detector } from "./detector.ts";
import type { KeyRules } from "./keys.ts";

const KEY_MAX = 64;

/** The value behind a flag of a command line, as errors of child processes show it: `--password hunter2`. */
export function flag(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const both = (letters: string) => letters + letters.toUpperCase();
  const ascii = [...keys.endings].filter((ending) => /^[a-z]{2,}$/.test(ending));
  return {
    triggers: ascii.map((ending) => [...[...ending].map(both), " "]),
    find(text, index) {
      const keyStart = runStart(text, index, ALNUM | DASH, KEY_MAX);
      if (!text.startsWith("--", keyStart)) return undefined;
      const kind = keys.ofText(text.slice(keyStart, index));
      const start = runEnd(text, index, BLANK, 4);
      if (kind === undefined || text[start] === "-" || isReplaced(text, start)) return undefined;
      let end = start;
      while (end < text.length && !isAt(text, end, STOP)) end++;
      return end === start ? undefined : { start, end, kind };
    },
  };
}
