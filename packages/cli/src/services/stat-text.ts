import { renderTable } from "../table.ts";
import type { Stat } from "./stat.ts";

/** Linkerd's columns and formats: `%.2f%%`, `%.1frps`, whole milliseconds, `-` where there was no traffic. */
export function renderStat({ rows }: Stat): string {
  return renderTable(
    [
      { heading: "NAME", align: "left" },
      { heading: "ROUTE", align: "left" },
      { heading: "SUCCESS", align: "right" },
      { heading: "RPS", align: "right" },
      { heading: "LATENCY_P50", align: "right" },
      { heading: "LATENCY_P95", align: "right" },
      { heading: "LATENCY_P99", align: "right" },
    ],
    rows.map((row) => [
      row.name,
      row.route ?? "-",
      percent(row.success),
      row.rps === null ? "-" : `${row.rps.toFixed(1)}rps`,
      milliseconds(row.latencyMsP50),
      milliseconds(row.latencyMsP95),
      milliseconds(row.latencyMsP99),
    ]),
  );
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
