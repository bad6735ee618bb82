import { isHarmlessText, isLevel } from "../keys/harmless-value.ts";
import type { KeyRules } from "../keys/key-rules.ts";
import { isAmbiguousKey, isValueKey, isValueKeyOfObject } from "../keys/name-beside-value.ts";
import { ALPHA, BLANK, isAt, QUOTE, runEnd, runStart } from "./chars.ts";
import { type Detector, DIGITS, type Span, type Trigger } from "./detector.ts";
import {
  BLANKS_MAX,
  colourStart,
  isQuote,
  KEY_MAX,
  type Key,
  keyBefore,
  SLASHES_MAX,
} from "./key-in-text.ts";
import { attributeValueStart, elementBefore, isElementOfValue, namesBeside } from "./named-value.ts";
import { type Found, valueFrom, valueStart } from "./value-in-text.ts";

/**
 * Secrets known by the key in front of them: `key=value`, `key: value`, query strings, JSON and printed objects at
 * any depth of escaping, raw headers, `=>` pairs and XML elements.
 */
export function assignment(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const ends = new Set([...keys.endings, ...VALUE_ENDINGS, ...OBJECT_ENDINGS, ...SAID_ENDINGS]);
  // `<string>` and `<meta content=` have triggers of their own.
  const endings = endingTable(new Set([...ends, "ing", "ent"]));
  return {
    get triggers() {
      return triggersFor(ends);
    },
    find(text, index) {
      if (text[index] === ":" && text.startsWith("//", index + 1)) return undefined;
      if (text[index] === ":" && text[index + 1] === ":" && CAST.test(text.slice(index, index + CAST_MAX)))
        return undefined;
      if (text[index] === ">" && isQuote(text, index - 1)) {
        const element = elementBefore(text, index);
        const kind = element === undefined ? undefined : keys.ofText(element);
        if (kind !== undefined) return attributeSpan(text, index + 1, kind, true);
      }
      if (text[index] === ";") return escapedElement(text, index);
      if (text[index - 1] === "\\" && (text[index] === "r" || text[index] === "n"))
        return formPart(text, index - 1);
      const end = lettersEnd(text, index);
      const third = text.charCodeAt(end - 3);
      const second = text.charCodeAt(end - 2);
      const ending = ((third & 31) << 10) | ((second & 31) << 5);
      const isLetterAlone =
        text[end - 1] === "v" && LETTER_ALONE.test(text.slice(Math.max(0, end - 12), end));
      const isAscii = !(third > 127 || second > 127);
      if (isAscii && !isLetterAlone && endings[ending | (text.charCodeAt(end - 1) & 31)] === 0)
        return undefined;
      if (text.charCodeAt(index) > 127 && !isWide(text, index)) return undefined;
      const found = keyBefore(text, index);
      const kind =
        keys.ofText(found.key) ??
        keys.ofText(found.word) ??
        keys.ofText(saidName(text, index, found)) ??
        keys.ofText(typedName(text, index, found));
      if (kind === undefined) {
        if (text[index] === ":" && found.quote === "" && SAID.test(found.key))
          return saidSpan(text, index, found);
        const mayBeNamed =
          isValueKey(found.key) ||
          isAmbiguousKey(found.key) ||
          (isValueKeyOfObject(found.key) && isInObject(text, index, found)) ||
          isElementOfValue(text, index, found.key);
        return mayBeNamed && text[index] !== "," ? namedSpan(text, index, found) : undefined;
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
    for (const name of namesBeside(text, index, found.key)) {
      const kind = keys.ofText(name);
      if (kind !== undefined) return spanFrom(text, index, found, kind, name);
    }
    return undefined;
  }

  /** `Incorrect API key provided: x` */
  function saidSpan(text: string, index: number, found: Key): Span | undefined {
    const words = wordsInFront(text, index - found.key.length);
    const kind = words === undefined ? undefined : keys.ofText(words);
    return kind === undefined ? undefined : spanFrom(text, index, found, kind, words!);
  }

  /** `&lt;password&gt;x&lt;/password&gt;` */
  function escapedElement(text: string, index: number): Span | undefined {
    const name = ESCAPED_TAG.exec(text.slice(Math.max(0, index - 160), index + 1))?.[1];
    const kind = name === undefined ? undefined : keys.ofText(name);
    const end = text.indexOf("&lt;", index);
    if (kind === undefined || end <= index + 1 || isReplaced(text, index + 1)) return undefined;
    return { start: index + 1, end, kind };
  }

  /** The same as a form's part where the line breaks are escaped, as in JSON. */
  function formPart(text: string, index: number): Span | undefined {
    const found = keyBefore(text, index);
    const kind = found.quote === "" ? undefined : keys.ofText(found.key);
    const start = kind === undefined ? -1 : attributeValueStart(text, index, found.key, found.quote);
    return start === -1 ? undefined : attributeSpan(text, start, kind!, false);
  }

  /** The value behind the quoted name of an element or of a form's part. */
  function attributeSpan(text: string, start: number, kind: string, isElement: boolean): Span | undefined {
    const stop = isElement ? text.indexOf("<", start) : text.slice(start).search(/\r?\n|\\r|\\n/) + start;
    const end = stop < start ? text.length : stop;
    return end <= start || isReplaced(text, start) ? undefined : { start, end, kind };
  }
}

const GAP_MAX = 64;
// A name of one letter stands in an object alone.
const LETTER_ALONE = /[{,]\s{0,2}\\{0,7}["']?v$/;
// A column of PostgreSQL as another type.
const CAST =
  /^::(?:text|varchar|bpchar|char|citext|uuid|bytea|jsonb?|int\d?|integer|bigint|numeric|timestamp)\b/i;
const CAST_MAX = 16;

// Of keys under which stands what another field names.
const VALUE_ENDINGS = ["lue", "ues", "val", "put", "ved", "old", "new", "ous", "ata", "oad"];
// Of those that are one in an object alone, and of what is said of a secret in front of it.
const OBJECT_ENDINGS = ["rom", "to", "ore", "ter", "lhs", "rhs", "nts", "ext", "ted", "ual", "ult", "wer"];
const SAID_ENDINGS = ["ded", "ven", "ied"];
const SAID = /^(?:provided|given|received|supplied)$/i;
// The last of several words that are a name together: `Secret access key: x`, `Passport number: x`, `Unseal key 1: x`.
const LAST_WORD =
  /^(?:key|code|number|no|id|pass|phrase|answer|birth|passe|kh\u1ea9u|kha\u0302\u0309u|\u0627\u0644\u0645\u0631\u0648\u0631|\d)$/i;
// A letter that is none of ASCII is one of a word, too.
const WORDS_IN_FRONT =
  /(?:^|[^\w\x80-\uffff])((?:[A-Za-z\x80-\uffff][\w\x80-\uffff]{0,24} ){0,2}[A-Za-z\x80-\uffff][\w\x80-\uffff]{0,24}) $/;
const ESCAPED_TAG = /&lt;(?:[\w.-]{1,32}:)?([A-Za-z_][\w.-]{0,63})(?:\s[^&<>]{0,64})?&gt;$/;
const UNEXPECTED = "unexpected ";

const wordsInFront = (text: string, index: number): string | undefined =>
  WORDS_IN_FRONT.exec(text.slice(Math.max(0, index - KEY_MAX), index))?.[1];

function saidName(text: string, index: number, { key, quote }: Key): string {
  if (quote !== "" || (text[index] !== ":" && !isWide(text, index)) || !LAST_WORD.test(key)) return "";
  const start = runStart(text, index, BLANK, BLANKS_MAX) - key.length;
  const words = text[start - 1] === " " ? wordsInFront(text, start) : undefined;
  return words === undefined ? "" : `${words} ${key}`;
}

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
/** The colon and the equals sign as they are written between characters of China, Japan and Korea (U+FF1A, U+FF1D). */
const isWide = (text: string, index: number): boolean => text[index] === "\uff1a" || text[index] === "\uff1d";
const QUOTES = "'\"`";

/** The separators behind the ends of sensitive keys, with or without a quote, bracket, blank or number between. */
function triggersFor(endings: ReadonlySet<string>): Trigger[] {
  const ascii = [...endings].filter((ending) => /^[a-z]{2,}$/.test(ending));
  const both = (letters: string) => letters + letters.toUpperCase();
  const last = both([...new Set(ascii.map((ending) => ending.slice(-1)))].join(""));
  // `contraseña:`, `hasło:`, `mật khẩu:`
  const mixed = [...endings].filter((ending) => /[^a-z]/.test(ending) && /[a-z]$/.test(ending));
  const lastOfMixed = both([...new Set(mixed.map((ending) => ending.slice(-1)))].join(""));
  const triggers: Trigger[] = ascii.map((ending) => [...[...ending].map(both), SEPARATORS]);
  triggers.push(
    [`${last + DIGITS}\\\x7f`, QUOTES, SEPARATORS],
    [`${last + DIGITS + QUOTES}] \t\x7f`, " \t", SEPARATORS],
  );
  triggers.push(
    [`${last + DIGITS + QUOTES}[`, "]", SEPARATORS],
    [last + DIGITS, DIGITS, "="],
    ["\x7f", SEPARATORS],
    ["\x7f", lastOfMixed, SEPARATORS],
    ["\x7f", lastOfMixed, " \t", SEPARATORS],
    [`${last + DIGITS + QUOTES}] \x7f`, "\x7f"],
    [`${last + DIGITS}`, ")", ":"],
    [`${last}\\]`, QUOTES, ",\r\n"],
    [`${last}\\]`, QUOTES, "\\", "rn"],
    [`${last}-_ `, DIGITS, ":"],
    ["2", "5", "6", ":"],
    ["i", "n", "g", ">"],
    ["e", "n", "t", "="],
    ["&", "g", "t", ";"],
    ["]", ")", "]", ":"],
    [")", "]", ":"],
    [QUOTES, ">"],
    ["!?+", "="],
    ["|", "|", "="],
    ["-~", ">"],
    ["<", "-"],
    ["\"'", "v", QUOTES, ":"],
    ["{, ", "v", ":"],
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

/** Whether the key is one of a printed object: in quotes, or behind a brace or a comma. */
function isInObject(text: string, index: number, { key, quote }: Key): boolean {
  return (
    quote !== "" || /[{,]\s{0,8}$/.test(text.slice(Math.max(0, index - key.length - 9), index - key.length))
  );
}

// Go says the type behind the name: `var apiKey string = "x"`.
function typedName(text: string, index: number, { key, quote }: Key): string {
  if (key !== "string" || quote !== "" || text[index] !== "=") return "";
  return TYPED.exec(text.slice(Math.max(0, index - TYPED_MAX), index))?.[1] ?? "";
}

const TYPED_MAX = 96;
const TYPED = /(?:^|[^\w.])([A-Za-z_]\w{1,63}) {1,4}\*?string {0,4}$/;
