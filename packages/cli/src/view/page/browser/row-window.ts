/** How high a row of the waterfall is, as the style sheet has it. */
const ROW_PX = 32;
// Details of a span that have not been drawn yet.
const DETAILS_PX = 200;
const BEYOND_PX = 600;

/** A row to be drawn, or the room of those that are not. */
export type Part = { readonly row: number } | { readonly px: number; readonly before: number };

/** Knows which of thousands of rows can be seen, and where each stands. */
export class RowWindow {
  readonly #ids: readonly string[];
  readonly #indexes: ReadonlyMap<string, number>;
  /** How high the details below a row are, by its index. */
  readonly #details = new Map<number, number>();

  constructor(ids: readonly string[]) {
    this.#ids = ids;
    this.#indexes = new Map(ids.map((id, i) => [id, i]));
  }

  /** The index of a row; -1 where there is none. */
  indexOf(id: string): number {
    return this.#indexes.get(id) ?? -1;
  }

  open(id: string): void {
    const index = this.indexOf(id);
    if (index >= 0 && !this.#details.has(index)) this.#details.set(index, DETAILS_PX);
  }

  close(id: string): void {
    this.#details.delete(this.indexOf(id));
  }

  /** Takes in how high details are. True when that was not known. */
  measure(id: string, px: number): boolean {
    const index = this.indexOf(id);
    if (index < 0 || this.#details.get(index) === px) return false;
    this.#details.set(index, px);
    return true;
  }

  /** How far below the first row a row stands; of the row behind the last, how high all are. */
  top(index: number): number {
    let px = index * ROW_PX;
    for (const [at, details] of this.#details) if (at < index) px += details;
    return px;
  }

  /** The rows to draw at a place of scrolling, also one that has the focus wherever it is. */
  parts(scrollTop: number, height: number, focused: number): Part[] {
    const first = this.#rowAt(scrollTop - BEYOND_PX);
    const last = this.#rowAt(scrollTop + height + BEYOND_PX);
    const rows = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    if (focused >= 0 && focused < first) rows.unshift(focused);
    if (focused > last) rows.push(focused);
    return this.#withGaps(rows);
  }

  /** All of them, for paper. */
  all(): Part[] {
    return this.#ids.map((_id, row) => ({ row }));
  }

  #rowAt(px: number): number {
    let [low, high] = [0, this.#ids.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.top(middle) <= px) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #withGaps(rows: readonly number[]): Part[] {
    const parts: Part[] = [];
    let next = 0;
    for (const row of [...rows, this.#ids.length]) {
      const px = this.top(row) - this.top(next);
      if (px > 0) parts.push({ px, before: row === this.#ids.length ? -1 : row });
      if (row < this.#ids.length) parts.push({ row });
      next = row + 1;
    }
    return parts;
  }
}
