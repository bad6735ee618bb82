const STATEMENT_MAX = 8_192;
// `password = $1`, `"users"."token" <> ?`, `pin in (:pins)`, `secret = crypt(@p1, …)`
const COMPARED =
  /\b([A-Za-z_][\w$]{0,63})["'`\]]?\s{0,4}(?:=|<>|!=|\bi?like\b|\bin\b\s{0,4}\()\s{0,4}(?:\w{1,32}\()?[?$:@%]/gi;
const INSERTED = /\(([^()]{1,2048})\)\s{0,8}values\s{0,4}\(/i;
const COLUMN = /[A-Za-z_][\w$]{0,63}(?=["'`\]]?\s{0,4}$)/;

/** The columns of a statement of SQL to which it binds parameters, as far as their names stand beside them. */
export function boundColumns(statement: string): string[] {
  const text = statement.slice(0, STATEMENT_MAX);
  if (!/[?$:@%]/.test(text)) return [];
  const compared = Array.from(text.matchAll(COMPARED), (match) => match[1]!);
  const inserted = INSERTED.exec(text)?.[1]?.split(",") ?? [];
  return [...compared, ...inserted.flatMap((column) => COLUMN.exec(column)?.[0] ?? [])];
}
