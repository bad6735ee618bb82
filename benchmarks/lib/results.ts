import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";

/** One line of a table. */
export interface Row {
  readonly name: string;
  /** Median over the rounds of the ratio to the first row in the same round. */
  readonly ratio: number;
  readonly spread: readonly [least: number, most: number];
  /** The measured value itself, with its unit; it depends on the machine. */
  readonly value: string;
  readonly note: string;
}

const FILE = fileURLToPath(new URL("../RESULTS.md", import.meta.url));
const HEAD = `# Results

Ratios to the first row of each table, median of interleaved rounds, with the least and the most of a round. Values
depend on the machine; ratios are what to compare. Repeat one table with \`npm run bench -- <name>\`, all with
\`npm run bench\`.
`;

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

// A name may hold what Markdown takes for a column or for emphasis.
const escaped = (name: string): string => name.replaceAll(/[|*]/g, "\\$&");

/** Prints a table and puts it into RESULTS.md, in place of the one of the same name. */
export function report(
  name: string,
  title: string,
  note: string,
  rounds: number,
  rows: readonly Row[],
): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}, Node ${process.version}`;
  const lines = rows.map(
    (row) =>
      `| ${escaped(row.name)} | ${row.ratio.toFixed(2)} | ${row.spread[0].toFixed(2)}–${row.spread[1].toFixed(2)} | ${row.value} | ${row.note} |`,
  );
  const section = `## ${name}: ${title}

${note}

${rounds} rounds, ${new Date().toISOString().slice(0, 10)}, ${machine}

| variant | ratio | spread | value | |
| --- | ---: | ---: | ---: | --- |
${lines.join("\n")}
`;
  process.stdout.write(`\n${section}`);
  const before = existsSync(FILE) ? readFileSync(FILE, "utf8") : HEAD;
  const sections = before.split(/^(?=## )/m);
  const head = sections.shift() ?? HEAD;
  const others = sections
    .filter((text) => !text.startsWith(`## ${name}:`))
    .map((text) => `${text.trimEnd()}\n`);
  const all = [...others, section].toSorted();
  writeFileSync(FILE, `${head.trimEnd()}\n\n${all.join("\n")}`);
}
