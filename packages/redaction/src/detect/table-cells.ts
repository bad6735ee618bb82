const CELLS_MAX = 256;

/** Where the value of a cell stands, without its quotes and the blanks around it. */
export interface Cell {
  readonly start: number;
  readonly end: number;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** Splits a line at a separator, where it is in no quotes. What stands outside of the first and last line of a drawn table is none. */
export function cellsBy(separator: string): (text: string, line: Part) => Cell[] {
  const isDrawn = separator === "|" || separator === "\u2502";
  return (text, { start, end }) => {
    const cells: Cell[] = [];
    let from = start;
    while (cells.length < CELLS_MAX) {
      let at = from;
      while (text[at] === " " && at < end) at++;
      const open = isDrawn ? undefined : /^\\{0,8}"/.exec(text.slice(at, Math.min(end, at + 9)))?.[0];
      if (open !== undefined) at = closingOf(text, at + open.length, end, open);
      const found = text.indexOf(separator, at);
      const stop = found === -1 || found >= end ? end : found;
      cells.push(trimmed(text, from, stop));
      if (stop === end) break;
      from = stop + separator.length;
    }
    // `| a | b |` has nothing in front of the first, and nothing behind the last.
    if (!isDrawn) return cells;
    const isFramed =
      cells.length > 2 && cells[0]!.start === cells[0]!.end && cells.at(-1)!.start === cells.at(-1)!.end;
    return isFramed ? cells.slice(1, -1) : cells;
  };
}

/** Splits a line where there are two blanks or more. */
export function cellsByBlanks(text: string, { start, end }: Part): Cell[] {
  const cells: Cell[] = [];
  let from = start;
  while (from < end && text[from] === " ") from++;
  while (from < end && cells.length < CELLS_MAX) {
    let stop = from;
    while (stop < end && !(text[stop] === " " && text[stop + 1] === " ")) stop++;
    cells.push(trimmed(text, from, stop));
    from = stop;
    while (from < end && text[from] === " ") from++;
  }
  return cells;
}

// Behind a text in quotes; a quote in it is written twice.
function closingOf(text: string, from: number, end: number, quote: string): number {
  for (
    let at = text.indexOf(quote, from);
    at !== -1 && at < end;
    at = text.indexOf(quote, at + 2 * quote.length)
  )
    if (!text.startsWith(quote, at + quote.length)) return at + quote.length;
  return end;
}

function trimmed(text: string, from: number, to: number): Cell {
  let start = from;
  let end = to;
  while (start < end && (text[start] === " " || text[start] === "\r")) start++;
  while (end > start && (text[end - 1] === " " || text[end - 1] === "\r")) end--;
  const quote = /^\\{0,8}["']/.exec(text.slice(start, Math.min(end, start + 9)))?.[0];
  if (quote !== undefined && end - start >= 2 * quote.length && text[end - 1] === quote[quote.length - 1]) {
    start += quote.length;
    end = Math.max(start, end - quote.length);
  }
  return { start, end };
}
