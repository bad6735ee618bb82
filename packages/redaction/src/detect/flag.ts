import type { KeyRules } from "../keys/key-rules.ts";
import { ALNUM, ALPHA, BLANK, DASH, isAt, isInWord, QUOTE, runEnd } from "./chars.ts";
import type { Detector } from "./detector.ts";
import { KEY_MAX, type Key, SLASHES_MAX } from "./key-in-text.ts";
import { valueFrom } from "./value-in-text.ts";

const BESIDE_MAX = 160;
const VALUE_FLAG = /^--(?:value|body|data|plaintext)$/;
const SECRET_COMMAND = /\bsecrets?\s(?:set|put|create|add|update)\b/;
const NAMED = /\s(?:--(?:name|key|secret-name)|-n)[ =]["']?([\w./-]{1,96})/;
const KEY_MIN = 4;
// What PowerShell makes of a text, which is found there: `(ConvertTo-SecureString 'x')`.
const MADE_OF_TEXT = /^\(ConvertTo-SecureString\b/i;
// A flag's value is read as that of any key.
const UNNAMED: Key = { key: "", quote: "", word: "" };

/** The value behind a flag of a command line, as errors of child processes show it: `--password hunter2`, `-Password hunter2`. */
export function flag(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  return {
    // The pairs are those of other flags of commands.
    triggers: [
      ["-", "-"],
      [" \t", "-"],
      ["'\"", "-"],
    ],
    find(text, index) {
      const isDouble = text[index - 1] === "-";
      if (!isDouble && !isAt(text, index + 1, ALPHA)) return undefined;
      const keyStart = isDouble ? index - 1 : index;
      if (isInWord(text, keyStart) || isAt(text, keyStart - 1, DASH)) return undefined;
      const keyEnd = runEnd(text, index + 1, ALNUM | DASH, KEY_MAX);
      if (text[keyEnd] !== " " || keyEnd - keyStart < KEY_MIN) return undefined;
      const name = text.slice(keyStart, keyEnd);
      const kind =
        keys.ofText(name) ?? (VALUE_FLAG.test(name) ? kindBeside(text, keyStart, keyEnd) : undefined);
      const start = runEnd(text, keyEnd, BLANK, 4);
      if (kind === undefined || text[start] === "-") return undefined;
      if (text[start] === "(" && MADE_OF_TEXT.test(text.slice(start, start + 32))) return undefined;
      if (isReplaced(text, runEnd(text, start, QUOTE, SLASHES_MAX))) return undefined;
      const span = valueFrom(text, start, keyEnd, UNNAMED);
      return span && { ...span, kind };
    },
  };

  /** What other words of the command say of its value. */
  function kindBeside(text: string, start: number, end: number): string | undefined {
    const front = text
      .slice(Math.max(0, start - BESIDE_MAX), start)
      .split(/[|;&\n]/)
      .at(-1)!;
    const behind = text.slice(end, end + BESIDE_MAX).split(/[|;&\n]/)[0]!;
    if (SECRET_COMMAND.test(front) || front.includes("SecureString") || behind.includes("SecureString"))
      return "secret";
    const named = NAMED.exec(front)?.[1] ?? NAMED.exec(behind)?.[1];
    return named === undefined ? undefined : keys.ofText(named);
  }
}
