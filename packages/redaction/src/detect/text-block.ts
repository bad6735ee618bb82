import { BLANK, runEnd } from "./chars.ts";
import { KEY_MAX } from "./key-in-text.ts";

const INDENT_MAX = 64;
const NESTED_MAX = 4096;
const NEWLINE = String.raw`(?:\r?\n|\\r\\n|\\n)`;
const BLOCK = new RegExp(`^[|>][+\\-\\d]{0,2}[ \\t]{0,8}${NEWLINE}`);
// Items and words further in than their key, where nothing stands behind it: `tokens:`, `  - x`.
const NESTED = new RegExp(
  `^[ \\t]{0,8}(?:${NEWLINE}[ \\t]{1,64}(?:- |(?=["']|[^\\s:"'\\\\]{0,64}[^A-Za-z\\s:"'\\\\]))["']?[^\\s:"'\\\\]{1,256}["']?(?=${NEWLINE}|["}]|$)){1,64}`,
);

/**
 * The end of a block of YAML (`password: |`, and lines further in than the key), also where its line breaks are escaped;
 * undefined when none starts here.
 */
export function blockEnd(text: string, start: number, index: number): number | undefined {
  if (text[index] !== ":") return undefined;
  const head = BLOCK.exec(text.slice(start, start + 16))?.[0].length;
  if (head === undefined) {
    const isBare = /^(?:[\r\n]|\\[rn])/.test(text.slice(start, start + 2));
    const nested = isBare ? NESTED.exec(text.slice(start, start + NESTED_MAX))?.[0].length : undefined;
    return nested === undefined ? undefined : start + nested;
  }
  const indent = indentOfLine(text, index);
  let end = start + head;
  for (let next = end; next < text.length; ) {
    const newline = newlineFrom(text, next);
    const stop = newline === text.length ? lastQuote(text, next) : newline;
    const isBlank = text.slice(next, stop).trim() === "";
    if (!isBlank && indentAt(text, next) <= indent) break;
    if (!isBlank) end = stop;
    next = newline + (text[newline] === "\\" ? 2 : 1);
  }
  return end > start + head ? end : undefined;
}

function indentOfLine(text: string, index: number): number {
  let line = index;
  while (
    line > 0 &&
    index - line < KEY_MAX + INDENT_MAX &&
    text[line - 1] !== "\n" &&
    text.slice(line - 2, line) !== "\\n"
  )
    line--;
  return /^[ \t]{0,64}(?:- {1,8}){0,8}/.exec(text.slice(line, index))![0].length;
}

/** The next line break, which may be escaped; the end of the text when there is none. */
function newlineFrom(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "\n" && (text[at] !== "\\" || text[at + 1] !== "n")) at++;
  return at;
}

// A text of JSON ends with its quote.
function lastQuote(text: string, from: number): number {
  const quote = text.indexOf('"', from);
  return quote === -1 || text[quote - 1] === "\\" ? text.length : quote;
}

const indentAt = (text: string, line: number): number => runEnd(text, line, BLANK, INDENT_MAX) - line;

const HEREDOC = /^<<[-~]?\\{0,8}["']?([A-Za-z_]\w{0,31})\\{0,8}["']?(?:\r?\n|\\r\\n|\\n)/;

/** The end of what stands in lines of its own up to a word (`password = <<EOT`); undefined where none begins here. */
export function heredocEnd(text: string, start: number): number | undefined {
  if (text[start] !== "<" || text[start + 1] !== "<") return undefined;
  const head = HEREDOC.exec(text.slice(start, start + INDENT_MAX));
  if (head === null) return undefined;
  const end = text.indexOf(head[1]!, start + head[0].length);
  return end === -1 ? text.length : end + head[1]!.length;
}
