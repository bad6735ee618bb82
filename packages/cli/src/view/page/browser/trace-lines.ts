import type { FoundLine } from "./answers.ts";
import { byId, keep } from "./dom.ts";
import { things } from "./format.ts";
import { drawLine, type LineLinks } from "./line-rows.ts";

let bySpan: ReadonlyMap<string | null, readonly FoundLine[]> = new Map();

/** The lines that were written in a span, as far as they are shown. */
export const linesOf = (spanId: string): readonly FoundLine[] => bySpan.get(spanId) ?? [];

/** Shows the lines of a trace in the order in which they were written. */
export function showTraceLines(lines: readonly FoundLine[], links: LineLinks): void {
  const inOrder = lines.toSorted((a, b) => a.timeMs - b.timeMs);
  bySpan = Map.groupBy(inOrder, ({ spanId }) => spanId);
  keep(
    byId("trace-lines"),
    inOrder,
    ({ id }) => id,
    (line) => drawLine(line, links),
  );
  byId("trace-lines-card").hidden = lines.length === 0;
  byId("trace-lines-heading").textContent = things(lines.length, "line");
}
