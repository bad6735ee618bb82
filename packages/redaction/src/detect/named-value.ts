const VALUE = /(?:^|[a-z_-])(?:value|val)$|^(?:input|received)$/i;
const NAMED =
  /(?:^|[^\w$-])(name|key|keyname|fieldname|paramname|parameterkey|parametername|path|field|param|parameter|property|attribute|attr|label|id|header|variable|loc|instancepath|datapath|propertypath|column)["'`]?[ \t]{0,8}(?:=>|[:=])\s{0,8}(\[[^[\]]{0,128}\]|["'`]?[\w$./[\]-]{1,64})/gi;
const WORDS = /\/?\w[\w$./[\]-]{0,63}/g;
const BEFORE_MAX = 144;
const BEHIND_MAX = 176;
const SLASHES_MAX = 4096;

/** Whether under this key stands a value that another field names: `value`, `rejectedValue`, `input`. */
export const isValueKey = (key: string): boolean => VALUE.test(key);

/**
 * The names that stand beside a value, in the same object or line, in front of it or behind: `{"value":"x","path":"pin"}`,
 * `name=pin value=x`. The separator in front of the value is at `index`.
 */
export function namesBeside(text: string, index: number): string[] {
  const names: string[] = [];
  for (const part of [partBefore(text, index), partBehind(text, index + 1)]) {
    for (const [, key, value] of part.matchAll(NAMED)) {
      const words = value!.match(WORDS) ?? [];
      // A list is a path in an object, and its end is the name. A path that begins with a slash is a URL's.
      const name = words.at(-1) ?? "";
      if (name !== "" && !(key!.toLowerCase() === "path" && name.startsWith("/"))) names.push(name);
    }
  }
  return names;
}

/** What stands in front in the same object, without the objects in it; where there are no braces, in the same line. */
function partBefore(text: string, index: number): string {
  const part: string[] = [];
  let depth = 0;
  let line = -1;
  let seen = 0;
  for (let i = index - 1; i >= 0 && seen < BEFORE_MAX && index - i < SLASHES_MAX; i--) {
    const c = text[i]!;
    // At any depth of escaping.
    if (c === "\\") continue;
    seen++;
    if (c === "}") depth++;
    else if (c === "{" && --depth < 0) return part.reverse().join("");
    else if (c === "\n" && line === -1) line = part.length;
    if (depth === 0) part.push(c);
  }
  return (line === -1 ? part : part.slice(0, line)).reverse().join("");
}

function partBehind(text: string, from: number): string {
  const part: string[] = [];
  let depth = 0;
  let line = -1;
  let seen = 0;
  for (let i = from; i < text.length && seen < BEHIND_MAX && i - from < SLASHES_MAX; i++) {
    const c = text[i]!;
    if (c === "\\") continue;
    seen++;
    if (c === "{") depth++;
    else if (c === "}" && --depth < 0) return part.join("");
    else if (c === "\n" && line === -1) line = part.length;
    if (depth === 0) part.push(c);
  }
  return (line === -1 ? part : part.slice(0, line)).join("");
}

const ELEMENT = /<[a-z][\w:.-]{0,32}(?:\s[^<>]{0,96})?\s(?:name|key|id)=\\{0,8}$/i;
const FORM_PART = /\bname=\\{0,8}$/i;
const BLANK_LINE = /^(?:\r\n[^\r\n]{1,96}|\n[^\n]{1,96})?(?:\r\n\r\n|\n\n)/;

/**
 * Where the value of a quoted name begins whose separator is at `index`: behind `<property name="password">`, and behind
 * the blank line of a form's part (`name="password"`); -1 when it is neither.
 */
export function attributeValueStart(text: string, index: number, key: string, quote: string): number {
  const front = text.slice(Math.max(0, index - 144), index - key.length - 2 * quote.length);
  if (text[index] === ">") return ELEMENT.test(front) ? index + 1 : -1;
  const lines = FORM_PART.test(front)
    ? BLANK_LINE.exec(text.slice(index, index + 112))?.[0].length
    : undefined;
  return lines === undefined ? -1 : index + lines;
}
