import { wholeTemplateOf } from "./text-template.ts";

const CAUSES_MAX = 4;
const FIELDS_MAX = 16;
const VALUE_MAX_LENGTH = 128;

/**
 * What lines without a name have in common that say the same: the templates of their text, of their error's message and of
 * its causes', and the names of their fields; where there is no text, the fields' own texts too. A line that only has its
 * text from another, as `Request failed` before one error and the next, is another line.
 */
export function kindOfUnnamed(text: string, fields: unknown): string {
  const parts = [wholeTemplateOf(text)];
  try {
    if (typeof fields === "object" && fields !== null) addFields(parts, text, fields);
  } catch {
    // A proxy of the caller's threw: its line is one with those of the same text.
  }
  return parts.join("\n");
}

function addFields(parts: string[], text: string, fields: object): void {
  if (fields instanceof Error) {
    addMessages(parts, text, fields);
    return;
  }
  let count = 0;
  for (const name of Object.keys(fields)) {
    if (++count > FIELDS_MAX) break;
    parts.push(name);
    const value = dataOf(fields, name);
    if (name === "err") addMessages(parts, text, value);
    else if (text === "" && typeof value === "string")
      parts.push(wholeTemplateOf(value.slice(0, VALUE_MAX_LENGTH)));
  }
}

/** The messages of an error and what caused it, but that which is the line's text already. */
function addMessages(parts: string[], text: string, error: unknown): void {
  let at = error;
  for (let depth = 0; depth < CAUSES_MAX && typeof at === "object" && at !== null; depth++) {
    const message = dataOf(at, "message");
    const code = dataOf(at, "code");
    if (typeof message === "string" && message !== text) parts.push(wholeTemplateOf(message));
    if (typeof code === "string") parts.push(code.slice(0, VALUE_MAX_LENGTH));
    const several = dataOf(at, "errors");
    at = dataOf(at, "cause") ?? (Array.isArray(several) ? several[0] : undefined);
  }
}

// Getters are the line's to call, once.
const dataOf = (holder: object, name: string): unknown =>
  Object.getOwnPropertyDescriptor(holder, name)?.value;
