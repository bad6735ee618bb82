import { lazily } from "@whodunit/core";

// Controls (C0, DEL, C1), line and paragraph separators, and what changes the direction of text
// (Unicode 16, Bidi_Control): a terminal obeys them, or shows another text than there is.
const obeyed = lazily(() => /\r\n|[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu);
const LINES = /[\t\n]/g;

/** `text` with every character that a terminal obeys written out, as `\u001b`; tabs and line feeds stay. */
export function harmless(text: string): string {
  return text.replace(obeyed(), (found) => {
    if (found === "\n" || found === "\t") return found;
    // Stacks of other systems.
    return found === "\r\n" ? "\n" : writtenOut(found);
  });
}

/** A copy of parsed JSON whose keys and strings do nothing to a terminal; keys stay on one line. */
export function neutralised(value: unknown): unknown {
  if (typeof value === "string") return harmless(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(neutralised);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [harmless(key).replace(LINES, writtenOut), neutralised(item)]),
  );
}

function writtenOut(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
