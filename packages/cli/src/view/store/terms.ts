import type { Attributes, AttributeValue } from "../span.ts";

const MAX_TERMS = 64;
const MAX_VALUE_LENGTH = 256;
const MAX_TEXT_LENGTH = 4_096;

/** What is written into the index for one record: words to be searched, and one word for each field with its value. */
export interface Indexed {
  readonly text: string;
  readonly terms: string;
}

/**
 * Reads what can be searched from a record.
 *
 * @param text what it says
 * @param own fields that every record has, such as its service
 * @param attributes the others, at any depth: `err.type` is the member `type` of `err`
 */
export function indexOf(
  text: string,
  own: readonly (readonly [string, string])[],
  attributes: Attributes,
): Indexed {
  const terms = new Set<string>();
  const words = [text.slice(0, MAX_TEXT_LENGTH)];
  let length = words[0]!.length;
  for (const [field, value] of own) terms.add(termOf(field, value));
  const add = (path: string, value: AttributeValue): void => {
    if (value === null || terms.size >= MAX_TERMS) return;
    if (Array.isArray(value)) for (const item of value) add(path, item);
    else if (typeof value === "object") for (const name in value) add(`${path}.${name}`, value[name]!);
    else {
      terms.add(termOf(path, String(value)));
      if (typeof value !== "string" || length > MAX_TEXT_LENGTH) return;
      words.push(value.slice(0, MAX_TEXT_LENGTH));
      length += value.length;
    }
  };
  for (const name in attributes) add(name, attributes[name]!);
  return { text: words.join(" "), terms: [...terms].join(" ") };
}

/**
 * A field and its value as one word of the index, whatever is written in them: 64 bits of a hash (FNV-1a twice, with
 * another start). Case does not count, as in the full text.
 */
export function termOf(field: string, value: string): string {
  const text = `${field}:${value.slice(0, MAX_VALUE_LENGTH)}`.toLowerCase();
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000193) + (a >>> 15);
  }
  return `x${(a >>> 0).toString(36)}x${(b >>> 0).toString(36)}`;
}
