import { isHarmlessText } from "../keys/harmless-value.ts";
import type { KeyRules } from "../keys/key-rules.ts";
import type { Detector, Span } from "./detector.ts";
import { type Cell, cellsBy, cellsByBlanks } from "./table-cells.ts";
import { isStatement } from "./value-in-text.ts";

const LINE_MAX = 2048;
const ROWS_MAX = 4096;
const COLUMNS_MAX = 64;
// `id,password`, `"id";"password"`: nothing but names, which hold no blanks where blanks stand between them.
const NAMES = /^(?:\\{0,8}["']?[A-Za-z_#][\w.-]{0,40}(?: [A-Za-z][\w-]{0,20}){0,3}\\{0,8}["']?)?$/;
const RULE = /^[\s|+:=\-\u2500-\u257f]{3,2048}$/;
const CAPITALS = /^[A-Z][A-Z\d_()%/-]{0,40}(?: [A-Z][A-Z\d_()%/-]{0,40}){0,2}$/;
const COPY = /\bCOPY [\w."]{1,128} ?\(([^()]{1,512})\) FROM stdin;$/i;
const RECORD = /^ ?([A-Za-z_][\w ]{0,63}?) {0,64}\| ([^\n\\]{1,1024})$/;
const EMPTY = /^(?:|\\{1,4}N|null|nil|none|-{1,3}|\(null\)|<null>|<none>)$/i;

/** A line of a text whose line breaks may be escaped, as in JSON. */
interface Line {
  readonly start: number;
  /** The quote that ends the text in which the line breaks are escaped; empty when they are not. */
  readonly quote: string;
  readonly end: number;
  /** Where the next one begins; that of the text's end is -1. */
  readonly next: number;
}

type Split = (text: string, line: Line) => Cell[];

/**
 * The values of a table's columns that have a secret's name: of CSV with its names in the first line, of what clients of
 * databases and shells print, with a rule below the names or names in capitals.
 */
export function table(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  return {
    triggers: [["\n"], ["\\", "n"], ["[", " ", "R", "E"]],
    find(text, index) {
      if (text[index] === "E") return text.startsWith("CORD ", index + 1) ? record(text, index) : undefined;
      const isEscaped = text[index] === "n";
      if (isEscaped && text[index - 1] !== "\\") return undefined;
      const head = lineBefore(text, index);
      if (head === undefined) return undefined;
      const line = text.slice(head.start, head.end);
      const copied = line.endsWith("stdin;") ? COPY.exec(line)?.[1] : undefined;
      if (copied !== undefined)
        return rowsOf(
          text,
          head,
          head.next,
          copied.split(","),
          cellsBy(head.quote === "" ? "\t" : "\\t"),
          true,
        );
      for (const separator of SEPARATORS) {
        if (!line.includes(separator)) continue;
        const found = columnsOf(text, head, separator);
        if (found !== undefined) return found;
      }
      return aligned(text, head, line);
    },
  };

  function columnsOf(text: string, head: Line, separator: string): Span | undefined {
    const split = cellsBy(separator);
    const names = split(text, head).map((cell) => nameOf(text, cell));
    if (!names.some(isSecret)) return undefined;
    const isDrawn = separator === "|" || separator === "\u2502";
    let from = head.next;
    if (isDrawn) {
      const below = lineAt(text, from, head.quote);
      if (!RULE.test(text.slice(below.start, below.end)) || below.next === -1) return undefined;
      from = below.next;
    } else if (names.length < 2 || !isHead(text, head, names, separator)) return undefined;
    return rowsOf(text, head, from, names, split, false);
  }

  // Names in capitals, or above dashes, with blanks between them.
  function aligned(text: string, head: Line, line: string): Span | undefined {
    if (!line.trim().includes("  ")) return undefined;
    const names = cellsByBlanks(text, head).map((cell) => nameOf(text, cell));
    if (names.length < 2 || !names.some(isSecret)) return undefined;
    const below = lineAt(text, head.next, head.quote);
    const isRuled =
      /^ {0,8}-{2,128}(?: {1,64}-{2,128}){1,64} {0,8}$/.test(text.slice(below.start, below.end)) &&
      below.next !== -1;
    if (!isRuled && !names.every((name) => CAPITALS.test(name))) return undefined;
    return rowsOf(text, head, isRuled ? below.next : head.next, names, cellsByBlanks, false);
  }

  function isHead(text: string, head: Line, names: readonly string[], separator: string): boolean {
    if (names.length > COLUMNS_MAX || !names.every((name) => NAMES.test(name))) return false;
    const isSpaced = separator !== "\t" && /[,;] /.test(text.slice(head.start, head.end));
    if (isSpaced && names.some((name) => name.includes(" "))) return false;
    // A row of another table is no head: so each line is walked as one of one table.
    const above = lineBefore(text, head.start - 1);
    return above === undefined || cellsBy(separator)(text, above).length !== names.length;
  }

  function rowsOf(
    text: string,
    head: Line,
    from: number,
    names: readonly string[],
    split: Split,
    isLoose: boolean,
  ): Span | undefined {
    const kinds = names.map((name) => (isSecret(name) ? keys.ofText(name.trim()) : undefined));
    const spans: Span[] = [];
    let at = from;
    for (let row = 0; row < ROWS_MAX && at !== -1; row++) {
      const line = lineAt(text, at, head.quote);
      if (isLoose && isCopyEnd(text, line)) break;
      const cells = split(text, line);
      const isRule = RULE.test(text.slice(line.start, line.end));
      if (!isRule && cells.length !== names.length && !(isLoose && cells.length > 1)) break;
      if (!isRule) {
        for (let i = 0; i < cells.length; i++) {
          const span = kinds[i] === undefined ? undefined : hidden(text, cells[i]!, names[i]!, kinds[i]!);
          if (span !== undefined) spans.push(span);
        }
      }
      at = line.next;
    }
    return joined(spans);
  }

  // psql's `-[ RECORD 1 ]---`, and below it `password | x`, a line each.
  function record(text: string, index: number): Span | undefined {
    const spans: Span[] = [];
    const quote = /^[^\n]{0,96}?\\n/.test(text.slice(index, index + 99)) ? '"' : "";
    let at = lineAt(text, index, quote).next;
    for (let row = 0; row < COLUMNS_MAX * 4 && at !== -1; row++) {
      const line = lineAt(text, at, quote);
      const found = RECORD.exec(text.slice(line.start, line.end));
      if (found === null) break;
      const kind = isSecret(found[1]!) ? keys.ofText(found[1]!) : undefined;
      const cell = { start: line.end - found[2]!.length, end: line.end };
      const span = kind === undefined ? undefined : hidden(text, cell, found[1]!, kind);
      if (span !== undefined) spans.push(span);
      at = line.next;
    }
    return joined(spans);
  }

  function isSecret(name: string): boolean {
    return name.length > 1 && name.length < 65 && keys.ofText(name) !== undefined;
  }

  function hidden(text: string, { start, end }: Cell, name: string, kind: string): Span | undefined {
    const value = text.slice(start, Math.min(end, start + LINE_MAX));
    if (EMPTY.test(value) || isStatement(value) || isHarmlessText(name, value) || isReplaced(text, start))
      return undefined;
    return { start, end, kind, isAhead: true };
  }
}

// The end of its rows, or the next one.
const isCopyEnd = (text: string, { start, end }: Line): boolean =>
  text.startsWith("\\.", start) || text.startsWith("stdin;", end - 6);

const SEPARATORS = [",", ";", "\t", "\\t", "|", "\u2502"];

const joined = (spans: readonly Span[]): Span | undefined =>
  spans.length === 0 ? undefined : { ...spans[0]!, rest: spans.slice(1) };

const nameOf = (text: string, { start, end }: Cell): string => text.slice(start, Math.min(end, start + 65));

/** The line that ends with the line break whose last character is at `index`; undefined when it is empty or long. */
function lineBefore(text: string, index: number): Line | undefined {
  if (index < 0) return undefined;
  let end = text[index] === "n" ? index - 1 : index;
  while (end > 0 && text[end - 1] === "\\") end--;
  if (text[end - 1] === "r" && text[end - 2] === "\\") end -= 2;
  else if (text[end - 1] === "\r") end--;
  while (end > 0 && text[end - 1] === "\\") end--;
  let start = end;
  while (start > 0 && end - start < LINE_MAX && text[start - 1] !== "\n") {
    if (text[start - 1] === "n" && text[start - 2] === "\\") break;
    start--;
  }
  if (end - start < 3 || end - start >= LINE_MAX) return undefined;
  const isEscaped = text[index] === "n";
  // A text of JSON begins with its quote, and with what stands in front of that.
  const opening = isEscaped ? OPENING.exec(text.slice(start, end)) : null;
  start += opening?.[0].length ?? 0;
  // `Error: id,password`; a list has blanks behind its commas.
  const said = text.slice(start, end).lastIndexOf(": ");
  const isSaid = said !== -1 && !/[,;] /.test(text.slice(start + said, end));
  return {
    start: isSaid ? start + said + 2 : start,
    end,
    next: index + 1,
    quote: isEscaped ? (opening?.[1] ?? '"') : "",
  };
}

const OPENING = /^.{0,512}?["']?:? {0,2}(["'])(?=[^"'\\:]{0,64}[,;|\\\u2502\s])/s;
const ESCAPED_BREAK = /^\\{1,8}(?:n|r\\{1,8}n)/;

function lineAt(text: string, start: number, quote: string): Line {
  for (let end = start; end < text.length && end - start < LINE_MAX; end++) {
    const c = text[end];
    if (c === "\n") return { start, end: text[end - 1] === "\r" ? end - 1 : end, next: end + 1, quote };
    if (quote === "") continue;
    if (c === quote && text[end - 1] !== "\\") return { start, end, next: -1, quote };
    const broken = c === "\\" ? ESCAPED_BREAK.exec(text.slice(end, end + 18))?.[0].length : undefined;
    if (broken !== undefined) return { start, end, next: end + broken, quote };
  }
  const end = Math.min(text.length, start + LINE_MAX);
  return { start, end, next: -1, quote };
}
