import { boundColumns } from "../keys/bound-columns.ts";
import type { KeyRules } from "../keys/key-rules.ts";
import { namesInText } from "../keys/parallel-lists.ts";
import { ALPHA, isAt } from "./chars.ts";
import type { Detector, Span } from "./detector.ts";
import { bracketEnd, closingQuote } from "./printed-value.ts";

const STATEMENT_MAX = 512;
const STATEMENT = /\b(?:select|insert|update|delete|merge|exec)\b/i;
const STATEMENT_ENDS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ)]?\"'`";
const WORD_OF_JSON = /^(?:null|true|false|-?\d[\d.eE+-]{0,32})(?![\w.])/;
const LIST =
  /(?:param(?:eter)?s|values|bindings|binds|bindparams|args|replacements)\\{0,8}["']?: ?\\{0,8}["']?$/i;
const ROWS = /(?:values|rows?|data|_fields|cells|records?)\\{0,8}["']?: ?$/i;
const NAMES_MAX = 512;
const NEAR_MAX = 384;
const STATEMENT_BEHIND = /\][^{}[\]\n]{0,96}?(?:sql|query|text|statement)\\{0,8}["']?: ?(\\{0,8})(["'`])/i;
const WITH = /^with param(?:eter)?s:? /i;
const WITH_MAX = 20;
const WORD_MAX = 40;

/**
 * What is bound to a statement's parameters, as databases and their libraries log it: `PARAMETERS: ["x"]`, `$1 = 'x'`,
 * `@p1=N'x'`, `params: x,7`. Where the statement stands there, its columns say whether it is a secret; where it does
 * not, nobody knows, and it goes.
 */
export function boundValues(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const kindOf = (statement: string): string | undefined =>
    boundColumns(statement.replace(/\\{1,8}(?=["'`])/g, ""))
      .map((column) => keys.ofText(column))
      .find((kind) => kind !== undefined);
  const kindOfNames = (names: readonly string[]): string | undefined =>
    names.map((name) => keys.ofText(name)).find((kind) => kind !== undefined);
  const spanOf = (text: string, start: number, end: number, kind: string | undefined): Span | undefined =>
    kind === undefined || end <= start || isReplaced(text, start) ? undefined : { start, end, kind };

  return {
    triggers: [
      ["sS", ":", " ", "["],
      ["sSwWaAdD", '"', ":", "["],
      ["\"'", ":", " ", "["],
      ["\\", '"', ":", "["],
      [":", "\"'", "["],
      ["\\", '"', "["],
      ["wa", ":", " ", "["],
      ["n", "g", "s", " "],
      ["0123456789", " ", "=", " "],
      ["0123456789", "=", "'N"],
      ["aA", "mM", "sS", ":"],
      // Behind a statement, its values.
      [STATEMENT_ENDS, ";", " ", "\"'[{-\\wW0123456789"],
      [";", " ", "n", "u"],
      [";", " ", "t", "r"],
      [";", " ", "f", "a"],
    ],
    find(text, index) {
      const from = Math.max(0, index - STATEMENT_MAX);
      switch (text[index]) {
        case "[":
          if (text[index - 2] === ";") return listed(text, index, from);
          return list(text, index, text.slice(from, index));
        case " ":
          return text[index - 1] === "s" ? unstated(text, index) : numbered(text, index, from);
        case "'":
        case "N":
          return text[index - 1] === "=" ? named(text, index, from) : listed(text, index, from);
        case ":":
          return text[index + 1] === " " &&
            text[index + 2] !== "[" &&
            /[\s\\]n?params:$/i.test(text.slice(Math.max(0, index - 8), index + 1))
            ? spanOf(text, index + 2, lineEnd(text, index + 2), kindOf(text.slice(from, index)))
            : undefined;
        default:
          // `null`, `true` and `false` are known by two letters.
          return listed(text, text[index - 1] === " " ? index : index - 1, from);
      }
    },
  };

  function list(text: string, index: number, front: string): Span | undefined {
    if (isReplaced(text, index)) return undefined;
    const key = front.slice(-24);
    // Rows that are objects have their names themselves.
    const isRows = ROWS.test(key) && !/^\s{0,8}\{/.test(text.slice(index + 1, index + 10));
    if (!isRows && !LIST.test(key)) return undefined;
    const kind =
      kindOf(front) ??
      kindBehind(text.slice(index, index + NEAR_MAX)) ??
      (isRows ? kindOfNames(namesInText(front)) : undefined);
    if (kind === undefined && (!isRows || text.indexOf("[", index + 1) === -1)) return undefined;
    const end = bracketEnd(text, index);
    return spanOf(
      text,
      index + 1,
      end - 1,
      kind ?? kindOfNames(namesInText(text.slice(end, end + NAMES_MAX))),
    );
  }

  // In the same object: `{ bindings: [ 'x' ], sql: 'insert into …' }`
  function kindBehind(near: string): string | undefined {
    const found = STATEMENT_BEHIND.exec(near);
    if (found === null) return undefined;
    const [whole, slashes, quote] = found;
    const start = found.index + whole.length;
    return kindOf(near.slice(start, closingQuote(near, start, quote!, slashes!.length)));
  }

  // knex, whose statement stands in another line: `knex:bindings [ 'x' ]`
  function unstated(text: string, index: number): Span | undefined {
    return text[index + 1] === "[" && text.startsWith("knex:bindings", index - 13)
      ? spanOf(text, index + 2, bracketEnd(text, index + 1) - 1, "secret")
      : undefined;
  }

  // PostgreSQL: `DETAIL:  parameters: $1 = 'x', $2 = '7'`, `unnamed portal parameter $1 = 'x'`
  function numbered(text: string, index: number, from: number): Span | undefined {
    const open = index + 1;
    if (text[open] !== "'" || !/\$\d{1,4} = $/.test(text.slice(Math.max(0, index - 8), open)))
      return undefined;
    const front = text.slice(from, index);
    if (!/\bparameters?:?\s{1,2}\$\d/i.test(front)) return undefined;
    const kind = STATEMENT.test(front) ? kindOf(front) : "secret";
    return spanOf(text, open + 1, literalEnd(text, open), kind);
  }

  // SQL Server: `exec sp_executesql N'… = @p1', N'@p1 nvarchar(7)', @p1=N'x'`, `[Parameters=[@p0='x' …`
  function named(text: string, index: number, from: number): Span | undefined {
    const open = text[index] === "N" ? index + 1 : index;
    if (text[open] !== "'" || !/[@:]\w{1,16}=$/.test(text.slice(Math.max(0, index - 18), index)))
      return undefined;
    const around = `${text.slice(from, index)} ${text.slice(open, open + STATEMENT_MAX)}`;
    return spanOf(text, open + 1, literalEnd(text, open), kindOf(around));
  }

  // Sequelize: `UPDATE users SET password=$1 WHERE id = $2; "x", 7`, `…; with parameters: 1, 'x'`
  function listed(text: string, index: number, from: number): Span | undefined {
    const start = index + (WITH.exec(text.slice(index, index + WITH_MAX))?.[0].length ?? 0);
    if (start === index && isAt(text, index, ALPHA) && !WORD_OF_JSON.test(text.slice(index, index + 8)))
      return undefined;
    const front = text.slice(from, index - 1);
    if (!STATEMENT.test(front)) return undefined;
    return spanOf(text, start, valuesEnd(text, start), kindOf(front));
  }
}

/** Where a list of values ends that is written as those of JSON or SQL are: `1, "x", null`. */
function valuesEnd(text: string, from: number): number {
  let end = from;
  for (let at = from; ; at = end + 2) {
    let open = at;
    while (text[open] === "\\") open++;
    const slashes = open - at;
    if (text[at] === "{" || text[at] === "[") end = bracketEnd(text, at);
    else if (text[open] === '"') end = closingQuote(text, open + 1, '"', slashes) + slashes + 1;
    else if (text[at] === "'") end = literalEnd(text, at) + 1;
    else end = at + (WORD_OF_JSON.exec(text.slice(at, at + WORD_MAX))?.[0].length ?? 0);
    if (end === at || end >= text.length || !text.startsWith(", ", end)) return Math.min(end, text.length);
  }
}

/** Where a literal of SQL ends that opens at `open`: a quote in it is written twice. */
export function literalEnd(text: string, open: number): number {
  let end = closingQuote(text, open + 1, "'", 0);
  while (text[end + 1] === "'") end = closingQuote(text, end + 2, "'", 0);
  return end;
}

/** The end of the line, which may be escaped as that of JSON text is, or of the text in quotes. */
function lineEnd(text: string, from: number): number {
  const end = /\n|\\n|(?<![\\, [])"(?=[},\]])|$/.exec(text.slice(from))?.index ?? 0;
  return from + end;
}
