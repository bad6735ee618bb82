import { printable } from "../terminal/safe-text.ts";
import { largest, renderTable } from "../terminal/table.ts";
import type { Change } from "./compare.ts";
import type { Scope } from "./scopes.ts";
import { scopeTree } from "./scopes.ts";
import type { Summary } from "./summarise.ts";

/** How a summary is shown. */
export interface RenderSummaryOptions {
  /** Sums along the names instead of the names. */
  readonly byScope?: boolean;
  /** First and last seen, and an example, for each name. */
  readonly wide?: boolean;
  /** What has changed since an earlier summary. */
  readonly changes?: readonly Change[];
}

/**
 * The operators' table: a header with whom it is for and the total, then a name and its count per line, the
 * counts flush right with at least two spaces before each.
 *
 * @param name what was summarised: a host, a cluster, an environment
 */
export function renderSummary(summary: Summary, name: string, options: RenderSummaryOptions = {}): string {
  const { byScope = false, wide = false, changes } = options;
  const header = `CTRL Daily Summary   ${printable(name)}   ${summary.total}`;
  if (wide) return `${header}\n\n${wideTable(summary)}`;
  const marks = new Map(changes?.map((change) => [change.name, mark(change)]));
  const rows = byScope
    ? scopeRows(scopeTree(summary.names))
    : summary.names.map((row): Row => [row.name, row.count, marks.get(row.name) ?? ""]);
  const gone = (byScope ? [] : (changes ?? [])).filter(({ kind }) => kind === "gone");
  const all = [...rows, ...gone.map((change): Row => [change.name, 0, mark(change)])];
  return `${[header, "", ...flushRight(all.sort(byScope ? () => 0 : byName))].join("\n")}\n`;
}

type Row = readonly [name: string, count: number, mark: string];

const byName = ([a]: Row, [b]: Row): number => (a < b ? -1 : a > b ? 1 : 0);

function flushRight(rows: readonly Row[]): string[] {
  const shown = rows.map(([name, count, text]) => [printable(name), count, text] as const);
  const width = largest(shown.map(([name, count]) => name.length + 2 + String(count).length));
  return shown.map(([name, count, text]) => {
    const line = name + String(count).padStart(width - name.length);
    return text === "" ? line : `${line}  ${text}`;
  });
}

function mark({ kind, before }: Change): string {
  return kind === "new" ? "new" : kind === "gone" ? `gone, was ${before}` : `was ${before}`;
}

function scopeRows(scopes: readonly Scope[], depth = 0): Row[] {
  return scopes.flatMap(({ segment, count, below }) => [
    [`${"  ".repeat(depth)}${segment}`, count, ""] as const,
    ...scopeRows(below, depth + 1),
  ]);
}

function wideTable({ names }: Summary): string {
  return renderTable(
    [
      { heading: "NAME", align: "left" },
      { heading: "COUNT", align: "right" },
      { heading: "FIRST_SEEN", align: "left" },
      { heading: "LAST_SEEN", align: "left" },
      { heading: "EXAMPLE", align: "left" },
    ],
    names.map(({ name, count, firstSeen, lastSeen, example }) => [
      name,
      String(count),
      firstSeen ?? "-",
      lastSeen ?? "-",
      example,
    ]),
  );
}

/** The summary as a Markdown table, for an issue or a chat. */
export function renderSummaryMarkdown(
  summary: Summary,
  name: string,
  changes: readonly Change[] = [],
): string {
  const marks = new Map(changes.map((change) => [change.name, mark(change)]));
  const gone = changes.filter(({ kind }) => kind === "gone");
  const rows = [
    ...summary.names.map((row) => [
      row.name,
      row.count,
      row.firstSeen ?? "",
      row.lastSeen ?? "",
      marks.get(row.name) ?? "",
    ]),
    ...gone.map((change) => [change.name, 0, "", "", mark(change)]),
  ];
  const lines = rows.map((cells) => `| ${cells.map((cell) => escapeMarkdown(String(cell))).join(" | ")} |`);
  const head = ["| name | count | first seen | last seen | change |", "| --- | ---: | --- | --- | --- |"];
  return `## CTRL Daily Summary: ${escapeMarkdown(name)}, ${summary.total}\n\n${[...head, ...lines].join("\n")}\n`;
}

const escapeMarkdown = (text: string): string => printable(text).replace(/[\\|`<>*_[\]]/g, "\\$&");
