import type { KeyRules } from "../keys/key-rules.ts";
import { ALNUM, BLANK, DASH, isAt, isInWord, QUOTE, runEnd } from "./chars.ts";
import type { Detector } from "./detector.ts";
import { KEY_MAX, type Key, SLASHES_MAX } from "./key-in-text.ts";
import { valueFrom } from "./value-in-text.ts";

// A flag's value is read as that of any key.
const UNNAMED: Key = { key: "", quote: "", word: "" };

/** The value behind a flag of a command line, as errors of child processes show it: `--password hunter2`. */
export function flag(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  return {
    triggers: [["-", "-"]],
    find(text, index) {
      const keyStart = index - 1;
      if (isInWord(text, keyStart) || isAt(text, keyStart - 1, DASH)) return undefined;
      const keyEnd = runEnd(text, index + 1, ALNUM | DASH, KEY_MAX);
      const kind = text[keyEnd] === " " ? keys.ofText(text.slice(keyStart, keyEnd)) : undefined;
      const start = runEnd(text, keyEnd, BLANK, 4);
      if (kind === undefined || text[start] === "-") return undefined;
      if (isReplaced(text, runEnd(text, start, QUOTE, SLASHES_MAX))) return undefined;
      const span = valueFrom(text, start, keyEnd, UNNAMED);
      return span && { ...span, kind };
    },
  };
}
