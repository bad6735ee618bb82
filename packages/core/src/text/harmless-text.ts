import { lazily } from "./lazily.ts";

// Controls (C0, DEL, C1), formats such as text that runs backwards, line and paragraph separators.
const obeyed = lazily(() => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu);

/**
 * Text with every character that a terminal obeys written out, as `\u009b`. JSON leaves some of them as they are, and is
 * the same JSON afterwards.
 */
export function harmlessText(text: string): string {
  return text.replace(obeyed(), writtenOut);
}

// Above U+FFFF a character is two units, and JSON writes out each.
function writtenOut(character: string): string {
  let text = "";
  for (let i = 0; i < character.length; i++)
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return text;
}
