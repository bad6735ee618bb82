import { printable } from "./safe-text.ts";

/** One column of a table: its heading and on which side its cells stand. */
export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
}

const GAP = "   ";

/** A table as Linkerd prints it: headings in capitals, three spaces between columns, no lines drawn. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, i) =>
    Math.max(heading.length, largest(rows.map((row) => printable(row[i] ?? "").length))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const cell = printable(cells[i] ?? "");
        return align === "left" ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
      })
      .join(GAP)
      .trimEnd();
  return `${[columns.map(({ heading }) => heading), ...rows].map(line).join("\n")}\n`;
}

/** The largest of the numbers, at least 0. Spread into `Math.max`, some 100,000 of them would overflow the stack. */
export function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
