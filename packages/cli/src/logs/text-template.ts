/** Stands in a template where texts of the same kind differ. */
export const PLACEHOLDER = "<*>";

const MAX_TEXT_LENGTH = 1_024;
const MAX_TEMPLATE_LENGTH = 128;
// A value that is gone may leave two quotes a pair that were none. Each pass leaves less of the text.
const MAX_PASSES = 8;

// What differs from line to line, the more special first. Each ends where it must, so that one pass is enough.
const VALUES = new RegExp(
  [
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
    String.raw`\b[\da-fA-F]{8,}\b(?!…)`,
  ].join("|"),
  "gu",
);
// Neither a placeholder nor the mark of a cut may stand beside a quote: a template stays as it is.
const QUOTE = /["'`]/;
const QUOTED = /(?<![\p{L}\p{N}>])(["'`])(?:(?!\1)[^\\\n]|\\.){0,500}?\1(?![\p{L}\p{N}<…])/gu;
const SEVERAL = /<\*>(?:[,;|]\s*<\*>)+/g;
// A word with its number at the end, such as worker3, and a number with its unit, such as 12ms.
const NUMBERED = /^(\p{L}{2,})\p{N}+$/u;
const MEASURED = /^\p{N}+(ms|s|m|h|d|[kmgt]?i?b|k|x|px|rps|st|nd|rd|th|am|pm)$/iu;

// What a cut leaves of a character outside the basic plane; no line may hold it.
const HALF_PAIR = /[\ud800-\udbff]$/;

/**
 * What texts of the same kind have in common: `order 17 failed` and `order 18 failed` are `order <*> failed`.
 * Numbers, ids, hexadecimal, addresses, times and quoted values become the placeholder; a template stays as it is.
 *
 * @returns at most 128 characters on one line
 */
export function templateOf(text: string): string {
  const line = text
    .slice(0, MAX_TEXT_LENGTH)
    .replace(/[\s\p{C}]+/gu, " ")
    .trim();
  let template = "";
  for (let pass = 0, before = line; pass < MAX_PASSES; pass++, before = template) {
    template = before
      .replace(QUOTED, (_all, quote: string) => quote + PLACEHOLDER + quote)
      .replace(VALUES, replacement)
      .replace(SEVERAL, PLACEHOLDER);
    if (template === before || !QUOTE.test(template)) break;
  }
  if (template.length <= MAX_TEMPLATE_LENGTH) return template;
  return `${template.slice(0, MAX_TEMPLATE_LENGTH - 1).replace(HALF_PAIR, "")}…`;
}

function replacement(value: string): string {
  if (!/\p{N}/u.test(value) && value.includes("::")) return value; // A scope of C++ or Ruby, no address.
  const [, word] = NUMBERED.exec(value) ?? [];
  if (word !== undefined && !/^[\da-f]{8,}$/i.test(value)) return word + PLACEHOLDER;
  return PLACEHOLDER + (MEASURED.exec(value)?.[1] ?? "");
}
