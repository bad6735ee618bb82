import type { Line } from "../line.ts";
import { type LineRow, readLine } from "./line-row.ts";
import { matchExpression } from "./search-query.ts";
import type { Placed } from "./segment-folder.ts";
import { termOf } from "./terms.ts";

/** Which lines to find. */
export interface LineFilter {
  /** Words, `"phrases"`, `wor*` and `field:value`; all must be there. */
  readonly search?: string | undefined;
  readonly service?: string | undefined;
  /** A level's word; `error` finds all that ask for attention. */
  readonly level?: string | undefined;
  readonly name?: string | undefined;
  readonly traceId?: string | undefined;
  /** Only lines of this stretch, in milliseconds since 1970. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Only lines that came before this one, by its `id`. */
  readonly before?: string | undefined;
  /** Only lines that came after this one, by its `id`. */
  readonly after?: string | undefined;
  /** @default 100 */
  readonly limit?: number | undefined;
}

/** A line that was found. */
export interface FoundLine extends Line {
  /** Where it stands, for `before` and `after`. */
  readonly id: string;
}

const LIST_LIMIT = 100;
const ID = /^(k?)(\d{1,9})-(\d{1,15})$/;

interface Position {
  readonly kept: boolean;
  readonly number: number;
  readonly row: number;
}

/** Whether a text is the id of a line. */
export const isLineId = (text: string): boolean => ID.test(text);

function positionOf(id: string): Position {
  const [, kept, number, row] = ID.exec(id) ?? [];
  return { kept: kept === "k", number: Number(number), row: Number(row) };
}

/** Finds lines, the latest to arrive first. */
export function findLines(segments: readonly Placed[], filter: LineFilter): FoundLine[] {
  const { limit = LIST_LIMIT, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = filter;
  const expression = expressionOf(filter);
  const found: FoundLine[] = [];
  for (const { place, segment } of segments) {
    const rows = rowsOf(place, filter);
    if (rows === null) continue;
    const statement =
      expression === null
        ? segment.prepare(
            `SELECT * FROM lines WHERE id > ? AND id < ? AND time_ms >= ? AND time_ms < ? ORDER BY id DESC LIMIT ?`,
          )
        : segment.prepare(
            `SELECT lines.* FROM lines_words JOIN lines ON lines.id = lines_words.rowid
             WHERE lines_words MATCH ? AND lines_words.rowid > ? AND lines_words.rowid < ?
               AND time_ms >= ? AND time_ms < ? ORDER BY lines_words.rowid DESC LIMIT ?`,
          );
    const values = [rows.above, rows.below, fromMs, toMs, limit - found.length];
    const own = expression === null ? statement.all(...values) : statement.all(expression, ...values);
    for (const row of own as unknown as LineRow[]) found.push({ id: `${place}-${row.id}`, ...readLine(row) });
    if (found.length >= limit) break;
  }
  return found;
}

// Which rows of a segment come before and after the lines that were named; null when none does.
function rowsOf(place: string, { before, after }: LineFilter): { above: number; below: number } | null {
  let above = 0;
  let below = Number.MAX_SAFE_INTEGER;
  const own = positionOf(`${place}-0`);
  if (before !== undefined) {
    const order = compare(own, positionOf(before));
    if (order > 0) return null;
    if (order === 0) below = positionOf(before).row;
  }
  if (after !== undefined) {
    const order = compare(own, positionOf(after));
    if (order < 0) return null;
    if (order === 0) above = positionOf(after).row;
  }
  return { above, below };
}

// What was kept of older segments comes before all others.
const compare = (a: Position, b: Position): number =>
  a.kept === b.kept ? a.number - b.number : a.kept ? -1 : 1;

function expressionOf({ search, service, level, name, traceId }: LineFilter): string | null {
  const own = Object.entries({ service, level, name, trace: traceId }).flatMap(([field, value]) =>
    value === undefined ? [] : [`terms : "${termOf(field, value)}"`],
  );
  const searched = search === undefined ? null : matchExpression(search);
  return [...own, ...(searched === null ? [] : [searched])].join(" AND ") || null;
}

/** The lines around one, of any service, the latest first. Empty when it is not here. */
export function linesAround(segments: readonly Placed[], id: string, each: number): FoundLine[] {
  const { row } = positionOf(id);
  const at = segments.find(({ place }) => id.startsWith(`${place}-`));
  const own = at?.segment.prepare("SELECT * FROM lines WHERE id = ?").get(row) as LineRow | undefined;
  if (own === undefined) return [];
  return [
    ...nextLines(segments, id, each).reverse(),
    { id, ...readLine(own) },
    ...findLines(segments, { before: id, limit: each }),
  ];
}

// The lines that came next after one, in the order in which they came.
function nextLines(segments: readonly Placed[], after: string, limit: number): FoundLine[] {
  const found: FoundLine[] = [];
  for (const { place, segment } of segments.toReversed()) {
    const rows = rowsOf(place, { after });
    if (rows === null) continue;
    const own = segment
      .prepare("SELECT * FROM lines WHERE id > ? ORDER BY id LIMIT ?")
      .all(rows.above, limit - found.length);
    for (const row of own as unknown as LineRow[]) found.push({ id: `${place}-${row.id}`, ...readLine(row) });
    if (found.length >= limit) break;
  }
  return found;
}

/** How often a name was seen. */
export interface NamedCount {
  readonly service: string;
  readonly name: string;
  /** Whether its lines ask for attention. */
  readonly failed: boolean;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Counts lines by name from the counts of minutes, the most first. */
export function countNames(
  segments: readonly Placed[],
  {
    fromMs,
    toMs,
    service,
  }: { readonly fromMs: number; readonly toMs: number; readonly service?: string | undefined },
): NamedCount[] {
  const counts = new Map<string, NamedCount>();
  for (const { segment } of segments) {
    const rows = segment
      .prepare(
        `SELECT service, name, failed, sum(count) AS count, min(first_ms) AS firstMs, max(last_ms) AS lastMs FROM line_minutes
         WHERE minute >= ? AND minute <= ? AND (? IS NULL OR service = ?) GROUP BY service, name, failed`,
      )
      .all(Math.floor(fromMs / 60_000), Math.floor(toMs / 60_000), service ?? null, service ?? null);
    for (const row of rows as unknown as (Omit<NamedCount, "failed"> & { failed: number })[]) {
      const key = JSON.stringify([row.service, row.name, row.failed]);
      const before = counts.get(key);
      counts.set(key, {
        service: row.service,
        name: row.name,
        failed: row.failed === 1,
        count: row.count + (before?.count ?? 0),
        firstMs: Math.min(row.firstMs, before?.firstMs ?? row.firstMs),
        lastMs: Math.max(row.lastMs, before?.lastMs ?? row.lastMs),
      });
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
