import type { Figures } from "../sources/live/figures.ts";
import { printable } from "../terminal/safe-text.ts";
import { type Column, renderTable } from "../terminal/table.ts";
import type { VersionComparison } from "./compare-versions.ts";
import type { Edges } from "./edges.ts";
import type { Stat } from "./stat.ts";

const right = (heading: string): Column => ({ heading, align: "right" });
const left = (heading: string): Column => ({ heading, align: "left" });
const FIGURE_COLUMNS = ["SUCCESS", "RPS", "LATENCY_P50", "LATENCY_P95", "LATENCY_P99"].map(right);

/** Linkerd's columns and formats: `%.2f%%`, `%.1frps`, whole milliseconds, `-` where there was no traffic. */
export function renderStat({ rows }: Stat): string {
  return renderTable(
    [left("NAME"), left("ROUTE"), ...FIGURE_COLUMNS],
    rows.map((row) => [row.name, row.route ?? "-", ...figureCells(row)]),
  );
}

/** The same columns by version, and what is worse with the one that started last. */
export function renderVersions({ rows, worse, undecided }: VersionComparison): string {
  const table = renderTable(
    [left("NAME"), left("ROUTE"), left("VERSION"), ...FIGURE_COLUMNS],
    rows.map((row) => [row.name, row.route, row.version, ...figureCells(row)]),
  );
  const findings = worse.map(
    ({ name, version, than, route, what }) =>
      `${name} ${version} is worse than ${than.join(", ")}: ${route}  ${what}`,
  );
  const lines = [...findings, ...undecided.map((what) => `Cannot judge ${what}.`)].map(printable);
  return lines.length === 0 ? table : `${table}\n${lines.join("\n")}\n`;
}

/** The same columns for who calls whom. */
export function renderEdges({ rows }: Edges): string {
  return renderTable(
    [left("SRC"), left("DST"), ...FIGURE_COLUMNS],
    rows.map((row) => [row.src, row.dst, ...figureCells(row)]),
  );
}

function figureCells(row: Figures): string[] {
  const { success, rps, latencyMsP50, latencyMsP95, latencyMsP99 } = row;
  const latencies = [latencyMsP50, latencyMsP95, latencyMsP99].map(milliseconds);
  return [percent(success), rps === null ? "-" : `${rps.toFixed(1)}rps`, ...latencies];
}

/** Those figures under Linkerd's names in JSON. */
export function figuresJson(row: Figures): Readonly<Record<string, number | null>> {
  return {
    success: row.success,
    rps: row.rps,
    latency_ms_p50: row.latencyMsP50,
    latency_ms_p95: row.latencyMsP95,
    latency_ms_p99: row.latencyMsP99,
  };
}

/** A share as `98.35%`. Never rounded up to 100.00%: one failure in a million is still one. */
export function percent(share: number | null): string {
  if (share === null) return "-";
  const text = (share * 100).toFixed(2);
  return share < 1 && text === "100.00" ? "99.99%" : `${text}%`;
}

/** A latency as `12ms`. */
export function milliseconds(ms: number | null): string {
  return ms === null ? "-" : `${Math.round(ms)}ms`;
}
