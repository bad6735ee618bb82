import { isAmbiguousKey } from "../keys/name-beside-value.ts";

const NAMED =
  /(?:^|[^\w$-])(name|key|k|n|key_?name|field_?name|param_?name|column_?name|parameterkey|parametername|path|field|param|parameter|property|attribute|attr|label|id|header|variable|loc|instancepath|datapath|propertypath|propertyname|property_name|prop|for|column|setting|option|argument|flag|question|prompt|selector|locator)["'`]?[ \t]{0,8}(?:=>|[:=])\s{0,8}(\[[^[\]]{0,128}\]|["'`][^"'`]{1,64}["'`]|["'`]?[\w$./[\]-]{1,64})/gi;
// What says of a value that it is a secret, whatever its name: an input of a form, a parameter of a store, a vault's address.
const SECRET =
  /(?:^|[^\w$-])(?:type["'`]?\s{0,4}[:=]\s{0,4}["'`]?(?:password|secret|securestring)\b|(?:id|name)["'`]?\s{0,4}[:=]\s{0,4}["'`]?[^\s"'`]{0,96}\/secrets\/[^/])/i;
const SECRET_KIND = /(?:^|[^\w$-])(?:kind["'`]?\s{0,4}[:=]\s{0,4}["'`]?Secret\b|saslStart["'`]?\s{0,4}:)/;
const AMBIGUOUS_BESIDE = /(?:instance|data)path|Secret|saslStart|selector|locator/i;
const VALIDATOR_PATH = /^(?:instance|data)path$/i;
const SELECTOR = /^(?:selector|locator)$/i;
const PATCH = /(?:^|[^\w$-])op["'`]?\s{0,4}[:=]\s{0,4}["'`]?(?:add|replace|test)\b/;
const WORDS = /\/?\w[\w$./[\]-]{0,63}/g;
const BEFORE_MAX = 144;
const BEHIND_MAX = 176;
const SLASHES_MAX = 4096;

/**
 * The names that stand beside a value, in the same object or line, in front of it or behind: `{"value":"x","path":"pin"}`,
 * `name=pin value=x`. The separator in front of the value is at `index`, behind `valueKey`.
 */
export function namesBeside(text: string, index: number, valueKey: string): string[] {
  const names: string[] = [];
  const isAmbiguous = isAmbiguousKey(valueKey);
  if (
    isAmbiguous &&
    !AMBIGUOUS_BESIDE.test(text.slice(Math.max(0, index - BEFORE_MAX), index + BEHIND_MAX))
  ) {
    return names;
  }
  const sibling =
    text[index] === ">" ? SIBLING.exec(text.slice(Math.max(0, index - SIBLING_MAX), index))?.[1] : undefined;
  if (sibling !== undefined) return [sibling.trim()];
  const parts = [partBefore(text, index), partBehind(text, index + 1)];
  const secret = isAmbiguous ? SECRET_KIND : SECRET;
  // Most texts have none of these, and a word is found sooner than a pattern.
  const isSecret = (part: string): boolean =>
    (isAmbiguous || part.includes("ype") || part.includes("/secrets/")) && secret.test(part);
  if (parts.some(isSecret)) names.push("secret");
  const saysWhat = valueKey.toLowerCase() === "text" ? SELECTOR : VALIDATOR_PATH;
  const isPatch = parts.some((part) => part.includes("op") && PATCH.test(part));
  for (const part of parts) {
    for (const [, key, value] of part.matchAll(NAMED)) {
      // A list is a path in an object, and its end is the name. A path that begins with a slash is a URL's.
      const name = value!.startsWith("[")
        ? (value!.match(WORDS)?.at(-1) ?? "")
        : value!.replace(/["'`]/g, "");
      if (name === "" || (isAmbiguous && !saysWhat.test(key!))) continue;
      if (key!.toLowerCase() !== "path" || isPatch || !name.startsWith("/")) names.push(name);
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
    if (c === "n" && text[i - 1] === "\\") {
      if (line === -1) line = part.length;
      if (depth === 0) part.push("\n");
      continue;
    }
    if (c === "}") depth++;
    else if (c === "{" && --depth < 0) return part.reverse().join("");
    else if (c === "\n" && line === -1) line = part.length;
    if (depth === 0) part.push(c);
  }
  const all = part.reverse().join("");
  return line === -1 ? all : ownLines(all);
}

// A line of YAML that holds nothing but a key belongs to the one above: `- name: pin`, `  value: x`.
function ownLines(text: string): string {
  const last = text.lastIndexOf("\n");
  const above = text.lastIndexOf("\n", last - 1);
  const isOwn = /^\n[ \t]{1,64}(?:- )?["']?\w{1,32}["']?[ \t]{0,4}$/.test(text.slice(last));
  return text.slice((isOwn && last > 0 ? above : last) + 1);
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
    if (line === -1 && c === "n" && text[i - 1] === "\\") line = part.length;
    if (c === "{") depth++;
    else if (c === "}" && --depth < 0) return part.join("");
    else if (c === "\n" && line === -1) line = part.length;
    if (depth === 0) part.push(c);
  }
  return (line === -1 ? part : part.slice(0, line)).join("");
}

const SIBLING_MAX = 320;
// `<key>pin</key><string`, `<name>pin</name>\n<value><string`
const SIBLING =
  /<(?:\w{1,16}:)?(?:key|name|id|parameter_?key|parameter_?name|field|attribute)(?:\s[^<>]{0,64})?>([^<>]{1,96})<\/[\w:.-]{1,40}>(?:\s|\\[nrt]){0,64}(?:<[\w:.-]{1,40}>(?:\s|\\[nrt]){0,64})?<[\w:.-]{1,40}$/i;
const META = /<meta\s[^<>]{0,160}$/i;

/** Whether a value stands in such an element (`<string>` of a list of properties) or attribute (`<meta content=`), whose name stands beside. */
export const isElementOfValue = (text: string, index: number, key: string): boolean =>
  (text[index] === ">" && key === "string") ||
  (text[index] === "=" && key === "content" && META.test(text.slice(Math.max(0, index - 200), index)));

const START_TAG = /<(?:[\w.-]{1,32}:)?([A-Za-z_][\w.-]{0,63})\s[^<>]{1,160}$/;

/** The name of the element whose start tag, with attributes, ends at `index`; undefined where none does. */
export const elementBefore = (text: string, index: number): string | undefined =>
  START_TAG.exec(text.slice(Math.max(0, index - 256), index))?.[1];

const ELEMENT = /<[a-z][\w:.-]{0,32}(?:\s[^<>]{0,96})?\s(?:name|key|id)=\\{0,8}$/i;
const FORM_PART = /\bname=\\{0,8}$/i;
const BLANK_LINE = /^(?:(?:\r\n|\n|\\r\\n|\\n)[^\r\n\\]{1,96}){0,4}(?:\r\n\r\n|\n\n|\\r\\n\\r\\n|\\n\\n)/;

/**
 * Where the value of a quoted name begins whose separator is at `index`: behind `<property name="password">`, and behind
 * the blank line of a form's part (`name="password"`); -1 when it is neither.
 */
export function attributeValueStart(text: string, index: number, key: string, quote: string): number {
  const front = text.slice(Math.max(0, index - 144), index - key.length - 2 * quote.length);
  if (text[index] === ">") return ELEMENT.test(front) ? index + 1 : -1;
  const lines = FORM_PART.test(front)
    ? BLANK_LINE.exec(text.slice(index, index + 360))?.[0].length
    : undefined;
  return lines === undefined ? -1 : index + lines;
}
