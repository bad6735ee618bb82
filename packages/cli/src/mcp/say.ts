/** A text for an assistant. What it quotes stands between ⟦ and ⟧, and nothing in there is ours. */
export interface Said {
  readonly text: string;
}

// Controls, line ends, formats such as text that runs backwards, tags and variation selectors, which show nothing and can
// carry a sentence, and what no character is.
const UNSEEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]+/gu;

// Our own brackets, and what opens markup or a link: HTML, XML, a chat template's marks, Markdown. The look-alikes are
// read as well and mean nothing.
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  "⟦": "(",
  "⟧": ")",
  "〚": "(",
  "〛": ")",
  "<": "‹",
  ">": "›",
  "`": "ˋ",
  "[": "(",
  "]": ")",
  "|": "¦",
};
const MARKUP = /[⟦⟧〚〛<>`[\]|]/gu;

/** The longest text of a service that is quoted, in characters. */
const MAX_QUOTED = 300;

/**
 * Writes a sentence. A text that is put into it is quoted, whatever it is: cut at 300 characters, on one line, without
 * what cannot be seen and without markup, between ⟦ and ⟧, which it cannot close. Numbers and what {@link say} wrote
 * already stand as they are.
 */
export function say(
  words: TemplateStringsArray,
  ...values: readonly (string | number | null | Said)[]
): Said {
  return { text: words.map((word, i) => (i === 0 ? word : shown(values[i - 1]!) + word)).join("") };
}

/** A word of our own, or an address that was read as a URL: without quotes. */
export const plain = (text: string): Said => ({ text: harmless(text) });

/** Puts several sentences together. */
export const joined = (parts: readonly Said[], between: string): Said => ({
  text: parts.map(({ text }) => text).join(between),
});

function shown(value: string | number | null | Said): string {
  if (value === null) return "-";
  if (typeof value === "string") return `⟦${harmless(value)}⟧`;
  return typeof value === "number" ? String(value) : value.text;
}

function harmless(text: string): string {
  // What is beyond is cut before it costs anything; unseen characters may be many.
  const clean = text
    .slice(0, MAX_QUOTED * 4)
    .replace(UNSEEN, " ")
    .trim();
  const short = clean.length <= MAX_QUOTED && text.length <= MAX_QUOTED * 4 ? clean : cut(clean);
  return short.replace(MARKUP, (mark) => LOOK_ALIKES[mark] ?? " ");
}

// Half of a character that the cut went through.
const HALF_PAIR = /[\ud800-\udbff]$/;

function cut(text: string): string {
  return `${text.slice(0, MAX_QUOTED - 1).replace(HALF_PAIR, "")}…`;
}
