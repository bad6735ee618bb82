import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { History } from "../history/history.ts";

/** A segment, as far as it is wanted here. */
interface Prepares {
  prepare(sql: string): StatementSync;
}

/** Writes what became of services, within a transaction of the segment's. */
export function writeHistory(segment: Prepares, { calls, metrics, health, changes }: History): void {
  for (const { minute, what, service, name, target, requests, failures, bins } of calls)
    segment.prepare(INSERT.call_minutes).run(minute, what, service, name, target, requests, failures, bins);
  for (const { minute, service, name, unit, kind, series, points, total } of metrics)
    segment.prepare(INSERT.metric_minutes).run(minute, service, name, unit, kind, series, points, total);
  for (const { atMs, sinceMs, service, probe, from, to, critical, error } of health) {
    const counts = critical === null ? null : Number(critical);
    segment.prepare(INSERT.health_changes).run(atMs, sinceMs, service, probe, from, to, counts, error);
  }
  for (const { atMs, service, kind, what, version, instance } of changes)
    segment.prepare(INSERT.changes).run(atMs, service, kind, what, version, instance);
}

/** Takes over all that outlives its segment: counts of minutes, and what changed. */
export function copyHistory(from: Prepares, to: Prepares): void {
  for (const [table, insert] of Object.entries(INSERT)) {
    for (const row of from.prepare(`SELECT * FROM ${table}`).iterate())
      to.prepare(insert).run(...(Object.values(row) as SQLInputValue[]));
  }
}

/** How a row of each table is added to what is there. */
export const INSERT = {
  line_minutes: `
    INSERT INTO line_minutes (minute, service, name, failed, count, first_ms, last_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count, first_ms = min(first_ms, excluded.first_ms),
      last_ms = max(last_ms, excluded.last_ms)`,
  traffic_minutes: `
    INSERT INTO traffic_minutes (minute, service, route, requests, failures, bins) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, failures = failures + excluded.failures,
      bins = merged_bins(bins, excluded.bins)`,
  call_minutes: `
    INSERT INTO call_minutes (minute, what, service, name, target, requests, failures, bins)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, failures = failures + excluded.failures,
      bins = merged_bins(bins, excluded.bins)`,
  metric_minutes: `
    INSERT INTO metric_minutes (minute, service, name, unit, kind, series, points, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET points = points + excluded.points, total = total + excluded.total`,
  health_changes: `
    INSERT OR IGNORE INTO health_changes (at_ms, since_ms, service, probe, from_status, to_status, critical, error)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  changes:
    "INSERT OR IGNORE INTO changes (at_ms, service, kind, what, version, instance) VALUES (?, ?, ?, ?, ?, ?)",
} as const;
