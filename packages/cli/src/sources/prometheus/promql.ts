/** One matcher of a selector: `namespace="shop"`. */
export interface Matcher {
  readonly label: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/**
 * A string of PromQL (Prometheus, "Expression language basics", String literals: Go's escapes, of which those of JSON are
 * a part). What is no text, half a surrogate, becomes U+FFFD, as the label it came from had it. That character is written by
 * its number: Prometheus' lexer takes it for bytes that are no UTF-8.
 */
export const quoted = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replaceAll("\ufffd", "\\ufffd");

/** A selector of these matchers; none of them can end it, whatever their values hold. */
export function selector(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ label, operator, value }) => `${label}${operator}${quoted(value)}`).join(",")}}`;
}

/** A matcher of one or more values, by a regular expression that stands for exactly these. */
export function anyOf(label: string, values: readonly string[]): Matcher {
  if (values.length === 1) return { label, operator: "=", value: values[0]! };
  return { label, operator: "=~", value: values.map(escaped).join("|") };
}

// RE2's own (Go, regexp.QuoteMeta); what is no ASCII means itself.
const escaped = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");

const ONE = /\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*/y;

/**
 * Reads `namespace="shop",cluster=~"eu-.*"`, what stands between the braces of a selector.
 *
 * @throws TypeError that says what is wanted
 */
export function parseMatchers(text: string): Matcher[] {
  const wrong = (): TypeError =>
    new TypeError(`"${text}" is no list of matchers: want namespace="shop",cluster=~"eu-.*"`);
  const matchers: Matcher[] = [];
  for (let at = 0; at < text.length; ) {
    ONE.lastIndex = at;
    const [whole, label, operator, literal] = ONE.exec(text) ?? [];
    if (whole === undefined) throw wrong();
    matchers.push({
      label: label!,
      operator: operator as Matcher["operator"],
      value: unquoted(literal!, wrong),
    });
    at += whole.length;
    if (at < text.length && text[at++] !== ",") throw wrong();
  }
  if (matchers.length === 0) throw wrong();
  return matchers;
}

function unquoted(literal: string, wrong: () => TypeError): string {
  const inner = literal.slice(1, -1);
  const json = literal.startsWith("'") ? inner.replaceAll("\\'", "'").replaceAll('"', '\\"') : inner;
  try {
    return JSON.parse(`"${json}"`) as string;
  } catch {
    throw wrong();
  }
}
