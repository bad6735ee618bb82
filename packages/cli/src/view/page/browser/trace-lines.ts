import type { FoundLine } from "./answers.ts";
import { byId, keep } from "./dom.ts";
import { things } from "./format.ts";
import { drawLine } from "./line-rows.ts";

/** Shows the lines of a trace in the order in which they were written. */
export function showTraceLines(lines: readonly FoundLine[], linkOf: (traceId: string) => string): void {
  const inOrder = lines.toSorted((a, b) => a.timeMs - b.timeMs);
  keep(
    byId("trace-lines"),
    inOrder,
    ({ id }) => id,
    (line) => drawLine(line, linkOf),
  );
  byId("trace-lines-card").hidden = lines.length === 0;
  byId("trace-lines-heading").textContent = things(lines.length, "line");
}
