import type { KeyRules } from "../keys/key-rules.ts";
import type { Detector, Span } from "./detector.ts";
import { bracketEnd, closingQuote } from "./printed-value.ts";
import { isStatement } from "./value-in-text.ts";

const LOOK_BACK = 320;
const NAME_MAX = 128;
const VALUE_MAX = 512;
// What an index's name says beside the column's: `users_api_token_unique`, `UQ_users_api_token`, `api_token_1`.
const INDEX_WORDS = /^(?:unique|uniq|uq|uk|un|idx|index|ix|key|constraint|ak|\d+)$/i;
const ENTRY = /Duplicate entry '$/i;
const CONSTRAINT = /(?:constraint|index) ['"]([^'"]{1,128})['"]/gi;
const MONGO_INDEX = /index: (?:[\w.$-]{1,96}\$)?([\w.-]{1,96})/;
const STATEMENT =
  /\b(?:alter|create|set|grant|rename)\s{1,4}(?:or\s{1,4}replace\s{1,4})?(?:if\s{1,4}not\s{1,4}exists\s{1,4})?(?:user|role|login|group|password|all|public|private|shared|database|subscription|server|secret)\b/i;
const IDENTIFIED = /\bidentified\s{1,4}(?:with\s{1,4}\S{1,64}\s{1,4})?by\s{0,4}(?:values\s{0,4}(?=$))?$/i;
const COMPARED = /([A-Za-z_][\w$]{0,63})["`\]]?\s{1,4}(?:not\s{1,4})?(?:i?like|in)\s{1,4}$/i;
const SET_TO =
  /\bset\s{1,4}(?:session\s{1,4}|local\s{1,4}|global\s{1,4})?["`]?([\w.]{1,64})["`]?\s{1,4}(?:from|to)\s{1,4}$/i;
const CHANGED =
  /([A-Za-z_][\w.-]{0,63})["'`]?\s(?:(?:has\s|was\s)?(?:been\s)?(?:changed|updated|set|rotated)\s)?from\s(?:["'][^"']{1,128}["']\sto\s)?$/i;
const CHANGE_VERB = /\b(?:changed|updated|set|rotated)\sfrom\s|["']\sto\s$/i;
const TO_BEHIND = /^[^"'\\]{1,96}\\{0,8}["']\sto\s\\{0,8}["']/i;
const CIPHER_KEY =
  /\bpragma\s{1,4}(?:\w{1,32}\.)?(?:re)?key\s{0,4}=\s{0,4}$|\battach\s[^;]{1,200}\skey\s{1,4}$/i;
const PASSWORD_FOR = /\bset\s{1,4}password\s{1,4}for\s{1,4}\S{1,96}\s{0,4}=\s{0,4}$/i;
const PLACEHOLDER = /^(?:\?|\$\d{1,4}|:\w{1,32}|@\w{1,32}|null|default|%s)$/i;

/** Values in what databases say and are told: duplicate keys, rows that fail, `IDENTIFIED BY`, `INSERT … VALUES`. */
export function databaseText(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const kindOfColumns = (columns: string): string | undefined => {
    for (const word of columns.replace(/::\w{1,32}/g, "").match(/[\w$]{1,64}/g) ?? []) {
      const kind = keys.ofText(word);
      if (kind !== undefined) return kind;
    }
    return undefined;
  };
  const kindOfIndex = (name: string): string | undefined => {
    const words = name.split(/[._\s-]/).filter((word) => !INDEX_WORDS.test(word));
    for (let i = 0; i < words.length; i++) {
      const kind = keys.ofText(words.slice(i).join("_"));
      if (kind !== undefined) return kind;
    }
    return undefined;
  };
  const spanOf = (text: string, start: number, end: number, kind: string | undefined): Span | undefined =>
    kind === undefined || end <= start || isReplaced(text, start) ? undefined : { start, end, kind };

  return {
    triggers: [
      [")", "=", "("],
      ["wW", "sS", " ", "("],
      ["nN", "sS", " ", "("],
      ["iI", "sS", " ", "("],
      ["eE", "sS", " ", "("],
      ["uU", "eE", "sS", "("],
      ["eE", "yY", " ", "'\"`"],
      ["bB", "yY", " ", "'\"`"],
      ["rR", "dD", " ", "'\"`"],
      ["rR", "dD", "(", "'\"`"],
      ["=", " ", "'\"`"],
      ["{", " ", ":"],
      [" ", "bB", "yY", " "],
      ["iI", "nN", " ", "("],
      ["kK", "eE", " ", "'"],
      ["tT", "oO", " ", "'\""],
      ["oO", "mM", " ", "'\""],
      ["eE", "tT", " ", "'\""],
      ["eE", "sS", " ", "'\""],
      ["yY", "=", "'\""],
      ["dDeEyY", " ", "\\", "'\""],
    ],
    find(text, index) {
      const before = text.slice(Math.max(0, index - 24), index);
      switch (text[index]) {
        case "(":
          if (before.endsWith(")=")) return keyDetail(text, index);
          if (/row contains $/i.test(before))
            return spanOf(text, index + 1, lineParenthesis(text, index), "secret");
          if (/key value is $/i.test(before)) return constraintValue(text, index);
          if (/ in $/i.test(before)) return comparedList(text, index);
          return /\bvalues ?$/i.test(before) ? insertedValue(text, index) : undefined;
        case ":":
          return before.endsWith("dup key: { ") ? mongoValue(text, index) : undefined;
        case " ":
          return IDENTIFIED.test(text.slice(Math.max(0, index - 96), index + 1))
            ? unquoted(text, index + 1)
            : undefined;
        default:
          if (/for key $/i.test(before)) return duplicateEntry(text, index);
          if (/(?:from|to|like|key ?= ?|key) $|key ?=$/i.test(before)) return namedInFront(text, index);
          return isPasswordClause(text, index)
            ? quoted(text, index, "secret")
            : saidPassword(text, index, before);
      }
    },
  };

  // PostgreSQL: `Key (a, b)=(x, y) already exists.`
  function keyDetail(text: string, index: number): Span | undefined {
    const front = text.slice(Math.max(0, index - NAME_MAX * 2), index - 2);
    const open = front.lastIndexOf("ey (");
    const kind = open === -1 ? undefined : kindOfColumns(front.slice(open + 4));
    if (kind === undefined) return undefined;
    const said = /\) (?:already exists|is (?:not|still|duplicated)|conflicts with)/.exec(
      text.slice(index, index + VALUE_MAX),
    );
    return spanOf(text, index + 1, said === null ? lineParenthesis(text, index) : index + said.index, kind);
  }

  // MySQL: `Duplicate entry 'x' for key 'users.api_token'`
  function duplicateEntry(text: string, index: number): Span | undefined {
    const close = text.slice(index + 1, index + 1 + NAME_MAX).indexOf(text[index]!);
    const kind = close === -1 ? undefined : kindOfIndex(text.slice(index + 1, index + 1 + close));
    if (kind === undefined) return undefined;
    const from = Math.max(0, index - VALUE_MAX);
    const front = text.slice(from, index);
    const entry = front.toLowerCase().lastIndexOf("duplicate entry '");
    const end = front.lastIndexOf("'");
    if (entry === -1 || !ENTRY.test(front.slice(0, entry + 17))) return undefined;
    return spanOf(text, from + entry + 17, from + end, kind);
  }

  // `password LIKE 'x'`, `SET app.token TO 'x'`, `password changed from 'x' to 'y'`, `PRAGMA key = 'x'`
  function namedInFront(text: string, index: number): Span | undefined {
    const front = text.slice(Math.max(0, index - LOOK_BACK), index).replace(/\\(?=["'`])/g, "");
    if (CIPHER_KEY.test(front)) return quoted(text, index, "secret");
    const isChange = CHANGE_VERB.test(front) || TO_BEHIND.test(text.slice(index + 1, index + NAME_MAX));
    const name = (COMPARED.exec(front) ?? SET_TO.exec(front) ?? (isChange ? CHANGED.exec(front) : null))?.[1];
    return name === undefined ? undefined : quoted(text, index, keys.ofText(name));
  }

  // `token IN ('x', 'y')`
  function comparedList(text: string, index: number): Span | undefined {
    const name = COMPARED.exec(text.slice(Math.max(0, index - NAME_MAX), index))?.[1];
    const kind = name === undefined ? undefined : keys.ofText(name);
    if (kind === undefined || PLACEHOLDER.test(/^[^,)]{0,32}/.exec(text.slice(index + 1, index + 34))![0]))
      return undefined;
    return spanOf(text, index + 1, listEnd(text, index + 1), kind);
  }

  // SQL Server: `Violation of UNIQUE KEY constraint 'UQ_users_api_token'. … The duplicate key value is (x).`
  function constraintValue(text: string, index: number): Span | undefined {
    const front = text.slice(Math.max(0, index - LOOK_BACK), index);
    const name = [...front.matchAll(CONSTRAINT)].at(-1)?.[1];
    return spanOf(
      text,
      index + 1,
      lineParenthesis(text, index),
      name === undefined ? undefined : kindOfIndex(name),
    );
  }

  // MongoDB before 4.2: `index: api_token_1 dup key: { : "x" }`
  function mongoValue(text: string, index: number): Span | undefined {
    const front = text.slice(Math.max(0, index - LOOK_BACK), index);
    const name = MONGO_INDEX.exec(front.slice(front.lastIndexOf("index: ")))?.[1];
    const kind = name === undefined ? undefined : kindOfIndex(name);
    if (kind === undefined) return undefined;
    const end = bracketEnd(text, index - 2);
    return spanOf(text, index + 2, Math.max(index + 2, end - 2), kind);
  }

  function isPasswordClause(text: string, index: number): boolean {
    if (text[index - 2] === "=") return PASSWORD_FOR.test(text.slice(Math.max(0, index - 112), index));
    const front = text.slice(Math.max(0, index - 192), index).replace(/\\{1,8}$/, "");
    if (IDENTIFIED.test(front)) return true;
    return (
      /\b(?:password|secret)\s?\(?$/i.test(front) &&
      (STATEMENT.test(front) ||
        /identified\s{1,4}(?:with\s{1,4}\S{1,64}\s{1,4})?by\s{1,4}password\s?$/i.test(front))
    );
  }

  // `password "x" is too short`
  function saidPassword(text: string, index: number, before: string): Span | undefined {
    if (!/\b(?:password|passphrase|passwd) \\{0,8}$/i.test(before)) return undefined;
    const found = quoted(text, index, "secret");
    if (
      found === undefined ||
      /\s/.test(text.slice(found.start, found.start + NAME_MAX).slice(0, found.end - found.start))
    )
      return undefined;
    return isStatement(text.slice(found.start, Math.min(found.end, found.start + NAME_MAX)))
      ? undefined
      : found;
  }

  function quoted(text: string, index: number, kind: string | undefined): Span | undefined {
    let slashes = 0;
    while (text[index - 1 - slashes] === "\\" && slashes < 64) slashes++;
    return spanOf(text, index + 1, closingQuote(text, index + 1, text[index]!, slashes), kind);
  }

  function unquoted(text: string, start: number): Span | undefined {
    const word = /^[^\s;,'"`()]{1,128}/.exec(text.slice(start, start + NAME_MAX))?.[0] ?? "";
    return word === "" || /^(?:password|values?|random)$/i.test(word) || PLACEHOLDER.test(word)
      ? undefined
      : spanOf(text, start, start + word.length, "secret");
  }

  // `INSERT INTO users (name, password) VALUES ('ada', 'x')`: from the first such value to the last.
  function insertedValue(text: string, index: number): Span | undefined {
    const front = text.slice(Math.max(0, index - VALUE_MAX), index);
    const columns = /\(([^()]{1,480})\)\s{0,4}values\s?$/i.exec(front)?.[1]?.split(",");
    const kinds = columns?.map(kindOfColumns) ?? [];
    if (kinds.every((kind) => kind === undefined)) return undefined;
    let start = -1;
    let end = -1;
    let at = index + 1;
    for (let i = 0; at < text.length; i++) {
      if (i === kinds.length) i = 0;
      while (text[at] === " ") at++;
      const stop = valueEnd(text, at);
      if (kinds[i] !== undefined && !PLACEHOLDER.test(text.slice(at, Math.min(stop, at + 64)))) {
        if (start === -1) start = at;
        end = stop;
      }
      if (text[stop] === ",") {
        at = stop + 1;
        continue;
      }
      // The next row.
      const row = /^\)\s{0,8},\s{0,8}\(/.exec(text.slice(stop, stop + 20))?.[0].length;
      if (row === undefined) break;
      at = stop + row;
      i = -1;
    }
    const quotes = text[start] === "'" && text[end - 1] === "'" && end - start > 1 ? 1 : 0;
    return start === -1
      ? undefined
      : spanOf(
          text,
          start + quotes,
          end - quotes,
          kinds.find((kind) => kind !== undefined),
        );
  }
}

/** The last round bracket that closes in this line; its end when none does. */
function lineParenthesis(text: string, index: number): number {
  const newline = text.indexOf("\n", index);
  const end = newline === -1 ? text.length : newline;
  for (let i = end - 1; i > index; i--) if (text[i] === ")") return i;
  return end;
}

/** The round bracket behind a list of SQL. */
function listEnd(text: string, start: number): number {
  let end = valueEnd(text, start);
  while (text[end] === ",") end = valueEnd(text, end + 1);
  return end;
}

/** Behind one value of a list of SQL. */
function valueEnd(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    if (text[i] === "'") {
      i = text.indexOf("'", i + 1);
      if (i === -1) return text.length;
    } else if (text[i] === "," || text[i] === ")" || text[i] === ";") return i;
  }
  return text.length;
}
