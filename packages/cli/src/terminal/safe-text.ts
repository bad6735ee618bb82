/** Text from a service made fit for a terminal: control characters, which could drive it, as spaces. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

/** What JSON leaves as it is and a terminal or an editor obeys: DEL, C1, formats such as text that runs backwards. */
const UNESCAPED = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A value as JSON that is also fit for a terminal: every control and format character is escaped, and a reader of
 * JSON gets it back as it was.
 *
 * @param indent spaces a level; without it all is one line
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNESCAPED, escapeUnits);
}

// Above U+FFFF a character is two units, and JSON escapes each.
function escapeUnits(character: string): string {
  let text = "";
  for (let i = 0; i < character.length; i++)
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return text;
}
