import type { Line } from "../line.ts";
import type { Attributes } from "../span.ts";

/** A row of `lines`. */
export interface LineRow {
  readonly id: number;
  readonly time_ms: number;
  readonly service: string;
  readonly level: string;
  readonly failed: number;
  readonly name: string;
  readonly text: string;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly count: number;
  readonly fields: string;
}

/** The line in a row. */
export function readLine(row: LineRow): Line {
  const { time_ms: timeMs, service, level, name, text, trace_id: traceId, span_id: spanId, count } = row;
  const fields = JSON.parse(row.fields) as Attributes;
  return { timeMs, service, level, failed: row.failed === 1, name, text, traceId, spanId, count, fields };
}
