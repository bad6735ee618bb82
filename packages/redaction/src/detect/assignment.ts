import type { KeyRules } from "../keys/key-rules.ts";
import { ALPHA, isAt, QUOTE, runEnd } from "./chars.ts";
import { type Detector, DIGITS, type Trigger } from "./detector.ts";
import { keyBefore, SLASHES_MAX } from "./key-in-text.ts";
import { valueFrom, valueSeparator, valueStart } from "./value-in-text.ts";

/**
 * Secrets known by the key in front of them: `key=value`, `key: value`, query strings, JSON and printed objects at
 * any depth of escaping, raw headers, `=>` pairs and XML elements.
 */
export function assignment(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const triggers = triggersFor(keys.endings);
  const endings = endingTable(keys.endings);
  return {
    triggers,
    find(text, index) {
      if (text[index] === ":" && text.startsWith("//", index + 1)) return undefined;
      const end = lettersEnd(text, index);
      const ending = ((text.charCodeAt(end - 3) & 31) << 10) | ((text.charCodeAt(end - 2) & 31) << 5);
      if (endings[ending | (text.charCodeAt(end - 1) & 31)] === 0) return undefined;
      const found = keyBefore(text, index);
      const kind = keys.ofText(found.key) ?? keys.ofText(found.word);
      if (kind === undefined) return undefined;
      const separator = valueSeparator(text, index);
      const start = valueStart(text, separator, found);
      if (isReplaced(text, runEnd(text, start, QUOTE, SLASHES_MAX))) return undefined;
      const span = valueFrom(text, start, separator, found);
      return span && { ...span, kind };
    },
  };
}

const SEPARATORS = "=:>";
const QUOTES = "'\"`";

/** The separators behind the ends of sensitive keys, with or without a quote, bracket, blank or number between. */
function triggersFor(endings: ReadonlySet<string>): Trigger[] {
  const ascii = [...endings].filter((ending) => /^[a-z]{2,}$/.test(ending));
  const both = (letters: string) => letters + letters.toUpperCase();
  const last = both([...new Set(ascii.map((ending) => ending.slice(-1)))].join(""));
  const triggers: Trigger[] = ascii.map((ending) => [...[...ending].map(both), SEPARATORS]);
  triggers.push(
    [`${last + DIGITS}\\\x7f`, QUOTES, SEPARATORS],
    [`${last + DIGITS + QUOTES}] \t\x7f`, " \t", SEPARATORS],
  );
  triggers.push(
    [last + DIGITS + QUOTES, "]", SEPARATORS],
    [last + DIGITS, DIGITS, "="],
    ["\x7f", SEPARATORS],
    [`${last}\\`, QUOTES, ","],
    ["!", "="],
    ["-", ">"],
  );
  return triggers;
}

/** Marks every ending by the last five bits of its letters: blind to case, and never wrong with a no. */
function endingTable(endings: ReadonlySet<string>): Uint8Array {
  const table = new Uint8Array(1 << 15);
  for (const ending of endings) {
    const [third, second, first] = [...ending].reverse().map((letter) => letter.charCodeAt(0) & 31);
    const pair = ((second ?? 0) << 5) | third!;
    if (first !== undefined && ending.length === 3) table[(first << 10) | pair] = 1;
    else for (let any = 0; any < 32; any++) table[(any << 10) | pair] = 1;
  }
  return table;
}

/** Where the letters of the key in front of a separator end: without blanks, quotes, brackets and digits. */
function lettersEnd(text: string, index: number): number {
  let end = index;
  while (end > 0 && index - end < SLASHES_MAX && !isLetter(text, end - 1)) end--;
  return end;
}

const isLetter = (text: string, index: number): boolean =>
  isAt(text, index, ALPHA) || text.charCodeAt(index) > 127;
