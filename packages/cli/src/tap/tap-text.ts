import { printable } from "../terminal/safe-text.ts";
import type { Paint } from "../terminal/terminal.ts";
import type { TapRecord } from "./tap.ts";

/** One request as a line: when, from whom to whom, what, how it ended and how long it took. */
export function renderTapRecord(record: TapRecord, paint: Paint): string {
  if (typeof record.dropped === "number") return paint("dim", `… ${record.dropped} more than could be shown`);
  const { time, from, to, route, method, status, error, failed, durationMs, traceId } = record;
  const name = text(route) || text(method);
  const end = [status, error].map(text).filter(Boolean).join(" ") || "-";
  const parts = [
    text(time).slice(11, 23),
    `${text(from) || "?"} → ${text(to) || "?"}`,
    name,
    failed === true ? paint("red", end) : end,
    typeof durationMs === "number" ? `${durationMs.toFixed(1)}ms` : "",
    text(traceId) === "" ? "" : `trace=${text(traceId)}`,
  ];
  return parts.filter(Boolean).join("  ");
}

const text = (value: unknown): string =>
  typeof value === "string" ? printable(value) : typeof value === "number" ? String(value) : "";
