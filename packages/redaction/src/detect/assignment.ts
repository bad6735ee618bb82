import { isHarmlessText, isLevel } from "../keys/harmless-value.ts";
import type { KeyRules } from "../keys/key-rules.ts";
import { ALPHA, BLANK, isAt, QUOTE, runEnd, runStart } from "./chars.ts";
import { type Detector, DIGITS, type Span, type Trigger } from "./detector.ts";
import { BLANKS_MAX, colourStart, type Key, keyBefore, SLASHES_MAX } from "./key-in-text.ts";
import { attributeValueStart, isValueKey, namesBeside } from "./named-value.ts";
import { type Found, valueFrom, valueStart } from "./value-in-text.ts";

/**
 * Secrets known by the key in front of them: `key=value`, `key: value`, query strings, JSON and printed objects at
 * any depth of escaping, raw headers, `=>` pairs and XML elements.
 */
export function assignment(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const ends = new Set([...keys.endings, ...VALUE_ENDINGS]);
  const triggers = triggersFor(ends);
  const endings = endingTable(ends);
  return {
    triggers,
    find(text, index) {
      if (text[index] === ":" && text.startsWith("//", index + 1)) return undefined;
      if (text[index] === ":" && text[index + 1] === ":" && CAST.test(text.slice(index, index + CAST_MAX)))
        return undefined;
      const end = lettersEnd(text, index);
      const ending = ((text.charCodeAt(end - 3) & 31) << 10) | ((text.charCodeAt(end - 2) & 31) << 5);
      if (endings[ending | (text.charCodeAt(end - 1) & 31)] === 0) return undefined;
      const found = keyBefore(text, index);
      const kind = keys.ofText(found.key) ?? keys.ofText(found.word);
      if (kind === undefined) {
        return isValueKey(found.key) && text[index] !== "," ? namedSpan(text, index, found) : undefined;
      }
      const attribute = found.quote === "" ? -1 : attributeValueStart(text, index, found.key, found.quote);
      if (attribute !== -1) return attributeSpan(text, attribute, kind, text[index] === ">");
      if (text[index] === "\r" || text[index] === "\n") return undefined;
      return spanFrom(text, index, found, kind, found.key);
    },
  };

  function spanFrom(text: string, index: number, found: Key, kind: string, name: string): Span | undefined {
    const start = valueStart(text, index, found);
    if (isReplaced(text, runEnd(text, start, QUOTE, SLASHES_MAX))) return undefined;
    const span = valueFrom(text, start, index, found);
    return span === undefined || isHarmless(text, index, name, span) ? undefined : { ...span, kind };
  }

  /** The value that another field of its object names. */
  function namedSpan(text: string, index: number, found: Key): Span | undefined {
    for (const name of namesBeside(text, index)) {
      const kind = keys.ofText(name);
      if (kind !== undefined) return spanFrom(text, index, found, kind, name);
    }
    return undefined;
  }

  /** The value behind the quoted name of an element or of a form's part. */
  function attributeSpan(text: string, start: number, kind: string, isElement: boolean): Span | undefined {
    const stop = text.indexOf(isElement ? "<" : "\n", start);
    let end = stop === -1 ? text.length : stop;
    if (text[end - 1] === "\r") end--;
    return end <= start || isReplaced(text, start) ? undefined : { start, end, kind };
  }
}

const GAP_MAX = 64;
// A column of PostgreSQL as another type.
const CAST =
  /^::(?:text|varchar|bpchar|char|citext|uuid|bytea|jsonb?|int\d?|integer|bigint|numeric|timestamp)\b/i;
const CAST_MAX = 16;

// Of keys under which stands what another field names.
const VALUE_ENDINGS = ["lue", "val", "put", "ved"];
const UNEXPECTED = "unexpected ";

/** Whether the value says by itself that it is no secret, or what stands in front of the key says so. */
function isHarmless(text: string, index: number, key: string, { start, end }: Found): boolean {
  const value = text.slice(start, Math.min(end, start + HARMLESS_MAX));
  if (isHarmlessText(key, value)) return true;
  if (text[index] !== ":") return false;
  const front = index - key.length;
  if (text[front - 1] === ":") return isLevel(value);
  // What a parser did not expect: it says one word of what it read.
  return (
    key === "token" && text.slice(Math.max(0, front - UNEXPECTED.length), front).toLowerCase() === UNEXPECTED
  );
}

const HARMLESS_MAX = 1024;
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
    [`${last}\\`, QUOTES, ",\r\n"],
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
  let slashed = false;
  const behindBlanks = runStart(text, index, BLANK, BLANKS_MAX);
  if (text[behindBlanks - 1] === "m") end = colourStart(text, behindBlanks);
  if (end === behindBlanks) end = index;
  for (let gap = 0; end > 0 && gap < GAP_MAX && !isLetter(text, end - 1); gap++) {
    if (text[end - 1] === "\\") {
      if (slashed) return end;
      slashed = true;
      // However deep JSON in JSON is.
      while (end > 0 && index - end < SLASHES_MAX && text[end - 1] === "\\") end--;
    } else {
      end--;
    }
  }
  return end;
}

const isLetter = (text: string, index: number): boolean =>
  isAt(text, index, ALPHA) || text.charCodeAt(index) > 127;
