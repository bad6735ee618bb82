import type { Summary } from "./summarise.ts";

/**
 * The operators' table: a header with whom it is for and the total, then a name and its count per line, the
 * counts flush right with at least two spaces before each.
 *
 * @param name what was summarised: a host, a cluster, an environment
 */
export function renderSummary(summary: Summary, name: string): string {
  const header = `CTRL Daily Summary   ${name}   ${summary.total}`;
  const rows = summary.names.map((row) => [row.name, String(row.count)] as const);
  const width = Math.max(0, ...rows.map(([text, count]) => text.length + 2 + count.length));
  const lines = rows.map(([text, count]) => text + count.padStart(width - text.length));
  return `${[header, "", ...lines].join("\n")}\n`;
}
