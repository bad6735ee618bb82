import { lazily } from "@whodunit/core";

/** Stands in a template where texts of the same kind differ. */
export const PLACEHOLDER = "<*>";

const MAX_TEXT_LENGTH = 1_024;
const MAX_TEMPLATE_LENGTH = 128;
// A value that is gone may leave two quotes a pair that were none. Each pass leaves less of the text.
const MAX_PASSES = 8;

// What differs from line to line, the more special first. Each ends where it must, so that one pass is enough.
const VALUES = [
  // A date, with a time where one follows: ISO 8601, or as databases write it.
  String.raw`\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?\b`,
  String.raw`\b[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}\b`,
  String.raw`(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}`,
  // IPv4, then IPv6, with brackets and a port.
  String.raw`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b`,
  String.raw`(?<![\w:])\[?(?:(?:[\da-fA-F]{1,4}:){7}[\da-fA-F]{1,4}|(?:[\da-fA-F]{1,4}(?::[\da-fA-F]{1,4}){0,6})?::(?:[\da-fA-F]{1,4}(?::[\da-fA-F]{1,4}){0,6})?)(?![\w:])(?:\](?::\d{1,5})?)?`,
  // A long run of letters of both cases and digits, with - and _: base64url, nano ids, tokens.
  String.raw`(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{16,200}(?![\w-])`,
  // A number with its fraction and exponent; a sign belongs to it where nothing stands before.
  String.raw`(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?(?![\p{L}\p{N}])`,
  // A word that holds a digit, or eight hexadecimal digits and more.
  String.raw`(?<![\p{L}\p{N}])(?=\p{L}*\p{N})[\p{L}\p{N}]{1,200}`,
  String.raw`\b[\da-fA-F]{8,}\b(?!\u2026)`,
];
const QUOTE = /["'`]/;
const SEVERAL = /<\*>(?:[,;|]\s*<\*>)+/g;
const patterns = lazily(() => ({
  blanks: /[\s\p{C}]+/gu,
  values: new RegExp(VALUES.join("|"), "gu"),
  // Neither a placeholder nor the mark of a cut may stand beside a quote: a template stays as it is.
  quoted: /(?<![\p{L}\p{N}>])(["'`])(?:(?!\1)[^\\\n]|\\.){0,500}?\1(?![\p{L}\p{N}<\u2026])/gu,
  number: /\p{N}/u,
  // A word with its number at the end, such as worker3, and a number with its unit, such as 12ms.
  numbered: /^(\p{L}{2,})\p{N}+$/u,
  measured: /^\p{N}+(ms|s|m|h|d|[kmgt]?i?b|k|x|px|rps|st|nd|rd|th|am|pm)$/iu,
}));

// What a cut leaves of a character outside the basic plane; no line may hold it.
const HALF_PAIR = /[\ud800-\udbff]$/;

/**
 * What texts of the same kind have in common: `order 17 failed` and `order 18 failed` are `order <*> failed`.
 * Numbers, ids, hexadecimal, addresses, times and quoted values become the placeholder; a template stays as it is.
 *
 * @returns at most 128 characters on one line
 */
export function templateOf(text: string): string {
  const template = wholeTemplateOf(text);
  if (template.length <= MAX_TEMPLATE_LENGTH) return template;
  return `${template.slice(0, MAX_TEMPLATE_LENGTH - 1).replace(HALF_PAIR, "")}…`;
}

/** {@link templateOf} a text, uncut: of at most its first 1,024 characters. */
export function wholeTemplateOf(text: string): string {
  const { blanks, quoted, values } = patterns();
  const line = text.slice(0, MAX_TEXT_LENGTH).replace(blanks, " ").trim();
  let template = "";
  for (let pass = 0, before = line; pass < MAX_PASSES; pass++, before = template) {
    template = before
      .replace(quoted, (_all, quote: string) => quote + PLACEHOLDER + quote)
      .replace(values, replacement)
      .replace(SEVERAL, PLACEHOLDER);
    if (template === before || !QUOTE.test(template)) break;
  }
  return template;
}

function replacement(value: string): string {
  const { number, numbered, measured } = patterns();
  if (!number.test(value) && value.includes("::")) return value; // A scope of C++ or Ruby, no address.
  const [, word] = numbered.exec(value) ?? [];
  if (word !== undefined && !/^[\da-f]{8,}$/i.test(value)) return word + PLACEHOLDER;
  return PLACEHOLDER + (measured.exec(value)?.[1] ?? "");
}
