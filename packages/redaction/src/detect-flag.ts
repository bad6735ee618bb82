import { ALNUM, BLANK, DASH, isAt, runEnd, STOP } from "./chars.ts";
import type { Detector } from "./detector.ts";
import type { KeyRules } from "./keys.ts";

const KEY_MAX = 64;

/** The value behind a flag of a command line, as errors of child processes show it: `--password hunter2`. */
export function flag(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  return {
    triggers: [["-", "-"]],
    find(text, index) {
      const keyStart = index - 1;
      if (isAt(text, keyStart - 1, ALNUM | DASH)) return undefined;
      const keyEnd = runEnd(text, index + 1, ALNUM | DASH, KEY_MAX);
      const kind = text[keyEnd] === " " ? keys.ofText(text.slice(keyStart, keyEnd)) : undefined;
      const start = runEnd(text, keyEnd, BLANK, 4);
      if (kind === undefined || text[start] === "-" || isReplaced(text, start)) return undefined;
      let end = start;
      while (end < text.length && !isAt(text, end, STOP)) end++;
      return end === start ? undefined : { start, end, kind };
    },
  };
}
