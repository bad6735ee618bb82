import { termOf } from "./terms.ts";

const MAX_PARTS = 32;

// field:value, field:"a value", "a phrase", a word; a field is a path such as err.type.
const PART = /(?:([\p{L}\p{N}_@.][\p{L}\p{N}_@./-]*):)?(?:"((?:[^"\\]|\\.)*)"?|(\S+))/gu;

/**
 * Turns what a reader searches into an expression of FTS5, which is given as a parameter: words and `"phrases"` of the
 * text, `field:value` and `field:"a value"` exactly, `wor*` by its beginning. All must be there.
 *
 * @returns null where nothing is searched
 */
export function matchExpression(search: string): string | null {
  const parts: string[] = [];
  for (const [, field, quoted, word] of search.matchAll(PART)) {
    if (parts.length >= MAX_PARTS) break;
    const value = quoted === undefined ? (word ?? "") : quoted.replace(/\\(.)/g, "$1");
    if (field !== undefined) parts.push(`terms : ${phrase(termOf(field, value))}`);
    else if (/[\p{L}\p{N}]/u.test(value)) parts.push(`text : ${textPart(value, quoted !== undefined)}`);
  }
  return parts.length === 0 ? null : parts.join(" AND ");
}

function textPart(value: string, isPhrase: boolean): string {
  if (isPhrase || !value.endsWith("*")) return phrase(value);
  return `${phrase(value.slice(0, -1))} *`;
}

// Within double quotes nothing is syntax to FTS5 but the quote itself.
const phrase = (text: string): string => `"${text.replaceAll("\0", " ").replaceAll('"', '""')}"`;
