/** What may be told of an SQL statement: no value is in it. */
export interface Statement {
  /** The statement without comments, `?` in place of each literal. */
  readonly text: string;
  /** Operations and what they work on, in few words: `INSERT orders SELECT carts` (`db.query.summary`). */
  readonly summary: string;
  /** The first operation: `SELECT`. */
  readonly operation: string;
  /** What it works on, where that is one thing. */
  readonly collection: string | undefined;
}

/** Where dialects differ: what quotes mean, and how a comment begins. */
export type Dialect = "mysql" | "postgresql";

// Cut before it is read: a statement may be as long as a driver takes.
const READ_MAX_LENGTH = 8_192;
const SUMMARY_MAX_LENGTH = 255;
const CACHED_MAX = 500;
const CACHED_MAX_LENGTH = 2_048;

const BLOCK_COMMENT = String.raw`\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)`;
const ESCAPED = (quote: string): string =>
  String.raw`${quote}(?:[^${quote}\\]|\\[^]?|${quote}${quote})*(?:${quote}|$)`;
const PLAIN = (quote: string): string => `${quote}(?:[^${quote}]|${quote}${quote})*(?:${quote}|$)`;
const NUMBER = String.raw`(?:0[xX][\da-fA-F]+|\.?\d[\d.]*(?:[eE][+-]?\d+)?)(?![\p{L}_])`;
const WORD = String.raw`[\p{L}_@][\p{L}\p{N}_$@]*`;
// What begins with a digit and is no number: a name, as MySQL allows it.
const REST = String.raw`[$:]?[\p{L}\p{N}_]+|::|[^]`;

const tokens = (skipped: string, literal: string, quoted: string): RegExp =>
  new RegExp(
    `(?<skipped>${skipped})|(?<literal>${literal}|${NUMBER})|(?<quoted>${quoted})|(?<word>${WORD})|(?<rest>${REST})`,
    "yu",
  );

const TOKENS: Readonly<Record<Dialect, () => RegExp>> = {
  mysql: () =>
    tokens(
      String.raw`\s+|--[^\n]*|#[^\n]*|${BLOCK_COMMENT}`,
      String.raw`(?:[bBnNxX]|_\w+\s*)?${ESCAPED("'")}|${ESCAPED('"')}`,
      PLAIN("`"),
    ),
  postgresql: () =>
    tokens(
      String.raw`\s+|--[^\n]*|${BLOCK_COMMENT}`,
      String.raw`[eE]${ESCAPED("'")}|(?:[bBnNxX]|[uU]&)?${PLAIN("'")}|\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[^]*?(?:\$\k<tag>\$|$)`,
      PLAIN('"'),
    ),
};

// Made with the first statement: few services have both dialects, and Unicode's classes take a millisecond to be compiled.
const patterns: Partial<Record<Dialect, RegExp>> = {};

const caches: Readonly<Record<Dialect, Map<string, Statement>>> = { mysql: new Map(), postgresql: new Map() };

/**
 * Reads a statement.
 *
 * @param reusable whether the same text comes again: not where its values are written into it
 */
export function readStatement(text: string, dialect: Dialect, reusable: boolean): Statement {
  if (!reusable || text.length > CACHED_MAX_LENGTH) return parse(text, dialect);
  const cache = caches[dialect];
  let statement = cache.get(text);
  if (statement === undefined) {
    statement = parse(text, dialect);
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(text, statement);
  }
  return statement;
}

function parse(text: string, dialect: Dialect): Statement {
  const read = text.length > READ_MAX_LENGTH ? text.slice(0, READ_MAX_LENGTH) : text;
  const summary = new Summary();
  patterns[dialect] ??= TOKENS[dialect]();
  const pattern = patterns[dialect];
  pattern.lastIndex = 0;
  let shown = "";
  for (let found = pattern.exec(read); found !== null; found = pattern.exec(read)) {
    const { skipped, literal, quoted, word } = found.groups as Record<string, string | undefined>;
    if (skipped !== undefined) {
      if (shown !== "" && !shown.endsWith(" ")) shown += " ";
      continue;
    }
    shown += literal === undefined ? found[0] : "?";
    if (quoted !== undefined) summary.name(quoted.slice(1, -1));
    else if (word !== undefined) summary.word(word);
    else summary.sign(literal === undefined ? found[0] : "?");
    if (pattern.lastIndex >= read.length) break;
  }
  // However many values a list has, it is the same statement.
  const listed = shown.trimEnd().replace(/\((?:\s*\?\s*,)+\s*\?\s*\)/g, "(?)");
  return { text: listed, ...summary.result() };
}

const VERBS = new Set(
  "ALTER ANALYZE BEGIN CALL COMMIT COPY CREATE DELETE DROP EXPLAIN GRANT INSERT LISTEN LOCK MERGE NOTIFY REPLACE RESET ROLLBACK SAVEPOINT SELECT SET SHOW START TRUNCATE UPDATE USE VACUUM".split(
    " ",
  ),
);
const BEFORE_NAME = new Set(["CALL", "COPY", "FROM", "INTO", "JOIN", "TABLE", "UPDATE", "USING"]);
const READS = new Set(["FROM", "JOIN", "USING"]);
const BETWEEN = new Set(["EXISTS", "IF", "IGNORE", "LATERAL", "LOW_PRIORITY", "NOT", "ONLY", "TABLE"]);
// `FOR UPDATE`, `ON DUPLICATE KEY UPDATE`, `DO UPDATE`, `a = REPLACE(b, …)`: no operation of its own.
const BEFORE_NO_VERB = new Set(["FOR", "KEY", "DO", "NO", "ON"]);
const BEGINS_STATEMENT = new Set([
  ";",
  "(",
  "AS",
  "EXPLAIN",
  "ANALYZE",
  "UNION",
  "ALL",
  "EXCEPT",
  "INTERSECT",
]);

interface Parenthesis {
  /** Whether a query stands in it; `EXTRACT(year FROM at)` names no table. */
  isQuery: boolean;
  /** Whether its rows are read as those of a table are: a query in place of one, or the arguments of a function. */
  readonly isRead: boolean;
}

/** Gathers `db.query.summary` from the tokens of a statement, as OpenTelemetry's database conventions describe it. */
class Summary {
  readonly #parts: string[] = [];
  #operation = "";
  #collections = 0;
  #collection: string | undefined;
  /** The token before, in capitals where it is a word. */
  #before = ";";
  #wanting = false;
  #afterName = false;
  /** By which word the name was asked for. */
  #asking = "";
  readonly #open: Parenthesis[] = [];

  word(word: string): void {
    const upper = word.toUpperCase();
    const before = this.#before;
    if (this.#wanting && !(upper === "SELECT" && before === "(") && !VERBS.has(upper)) {
      if (BETWEEN.has(upper)) this.#before = upper;
      else this.name(word);
      return;
    }
    if (this.#isVerb(upper, before)) this.#verb(upper);
    // `IS DISTINCT FROM b` and `COPY a FROM STDIN` read no table.
    const reads = upper !== "FROM" || (before !== "DISTINCT" && this.#operation !== "COPY");
    const asks = BEFORE_NAME.has(upper) && reads && !BEFORE_NO_VERB.has(before);
    this.#wanting = asks && this.#open.at(-1)?.isQuery !== false;
    if (this.#wanting) this.#asking = upper;
    // `FROM orders AS o, carts c`: what follows a name may be its alias, and then a comma another name.
    this.#afterName &&= upper === "AS" || before === "AS" || before === "";
    this.#before = upper;
  }

  /** A name, as it is or out of its quotes. */
  name(name: string): void {
    if (!this.#wanting) {
      this.#before = "";
      return;
    }
    this.#wanting = false;
    this.#afterName = true;
    this.#collections++;
    const qualified = this.#before === "." ? `${this.#parts.pop()}.${name}` : name;
    this.#collection = qualified;
    this.#parts.push(qualified);
    this.#before = "";
  }

  sign(sign: string): void {
    const isRead = this.#wanting || (this.#afterName && this.#before === "");
    const wasRead = sign === ")" && this.#open.pop()?.isRead === true;
    if (sign === "(") {
      if (isRead && !this.#wanting && READS.has(this.#asking)) this.#takeBack();
      this.#open.push({
        isQuery: this.#before === "AS" || this.#wanting,
        isRead: isRead && READS.has(this.#asking),
      });
    }
    if (sign === "." && this.#afterName) {
      // The table of a schema: `shop.orders`.
      this.#collections--;
      this.#wanting = true;
    } else if (sign === "," && this.#afterName && this.#open.at(-1)?.isQuery !== false) this.#wanting = true;
    else this.#wanting = false;
    if (sign !== ",") this.#afterName = wasRead || (sign === "." && this.#afterName);
    this.#before = wasRead ? "" : sign;
  }

  result(): Pick<Statement, "summary" | "operation" | "collection"> {
    let summary = "";
    for (const part of this.#parts) {
      const joined = summary === "" ? part : `${summary} ${part}`;
      if (joined.length > SUMMARY_MAX_LENGTH) break;
      summary = joined;
    }
    return {
      summary,
      operation: this.#operation,
      collection: this.#collections === 1 ? this.#collection : undefined,
    };
  }

  /** What was taken for a name is a function, whose rows are read: `FROM generate_series(1, 3)`. */
  #takeBack(): void {
    this.#parts.pop();
    this.#collections--;
  }

  #isVerb(upper: string, before: string): boolean {
    if (!VERBS.has(upper) || BEFORE_NO_VERB.has(before)) return false;
    // Names of columns may be verbs; a SELECT is one wherever it stands, the others where a statement begins.
    return upper === "SELECT" || BEGINS_STATEMENT.has(before) || this.#operation === "";
  }

  #verb(upper: string): void {
    const around = this.#open.at(-1);
    if (around !== undefined) around.isQuery = true;
    this.#parts.push(upper);
    this.#operation ||= upper;
  }
}
