/**
 * Why a token cannot be sent, in words that do not show it; undefined where it can. It stands in a header, as one word
 * behind "Bearer": all visible characters of ASCII (RFC 9110, section 5.5), as services want it too.
 */
export function unfitToken(token: string): string | undefined {
  if (/^[\x21-\x7e]+$/.test(token)) return undefined;
  if (/^[^\r\n]*\r?\n$/.test(token)) return "ends in a line break, which no header can hold";
  if (/\s/.test(token)) return "holds a space, which no token in a header can";
  return token === "" ? "is empty" : "holds a character that no header can: want visible ones of ASCII";
}
