import type { HealthChange, ServiceChange } from "../history/history.ts";
import type { TrafficWindow } from "../map/traffic.ts";
import type { HealthIncident } from "../page/browser/answers.ts";
import { BIN_GAMMA, readBins } from "./bins.ts";
import type { Placed } from "./segment-folder.ts";

const MINUTE_MS = 60_000;
const MAX_CHANGES = 1_000;
const MAX_FAILED_ROUTES = 5;

type FailedRoute = HealthIncident["failed"][number];

/** A stretch of time, in milliseconds since 1970. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

interface MinuteRow {
  readonly what: TrafficWindow["series"][number]["what"];
  readonly service: string;
  readonly name: string;
  readonly target: string;
  readonly requests: number;
  readonly failures: number;
  readonly bins: string;
}

/** Who called whom in the minutes of a stretch. */
export function findTraffic(segments: readonly Placed[], { fromMs, toMs }: Stretch): TrafficWindow {
  const first = Math.floor(fromMs / MINUTE_MS);
  const end = Math.max(first + 1, Math.ceil(toMs / MINUTE_MS));
  const series = new Map<string, Omit<MinuteRow, "bins"> & { bins: Map<number, number> }>();
  for (const { segment } of segments) {
    const rows = segment
      .prepare(
        `SELECT what, service, name, target, requests, failures, bins FROM call_minutes WHERE minute >= ? AND minute < ?
         UNION ALL SELECT 'route', service, route, '', requests, failures, bins FROM traffic_minutes
         WHERE minute >= ? AND minute < ?`,
      )
      .iterate(first, end, first, end) as Iterable<unknown> as Iterable<MinuteRow>;
    for (const { bins, ...row } of rows) {
      const key = JSON.stringify([row.what, row.service, row.name, row.target]);
      const before = series.get(key);
      series.set(key, {
        ...row,
        requests: row.requests + (before?.requests ?? 0),
        failures: row.failures + (before?.failures ?? 0),
        bins: readBins(bins, before?.bins),
      });
    }
  }
  return {
    seconds: (end - first) * 60,
    notCounted: 0,
    series: [...series.values()].map(({ bins, ...counted }) => ({
      ...counted,
      latency: { gamma: BIN_GAMMA, bins: [...bins].sort(([a], [b]) => a - b) },
    })),
  };
}

/** The routes of a stretch that failed, the most first. */
export function findFailedRoutes(segments: readonly Placed[], { fromMs, toMs }: Stretch): FailedRoute[] {
  const routes = new Map<string, FailedRoute>();
  for (const { segment } of segments) {
    const rows = segment
      .prepare(
        `SELECT service, route, sum(requests) AS requests, sum(failures) AS failures FROM traffic_minutes
         WHERE minute >= ? AND minute < ? GROUP BY service, route`,
      )
      .iterate(Math.floor(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)) as Iterable<unknown>;
    for (const { service, route, requests, failures } of rows as Iterable<FailedRoute>) {
      const key = JSON.stringify([service, route]);
      const before = routes.get(key);
      routes.set(key, {
        service,
        route,
        requests: requests + (before?.requests ?? 0),
        failures: failures + (before?.failures ?? 0),
      });
    }
  }
  return [...routes.values()]
    .filter(({ failures }) => failures > 0)
    .sort((a, b) => b.failures - a.failures)
    .slice(0, MAX_FAILED_ROUTES);
}

/**
 * Since when routes of services, and calls of services to others, have failed without a minute in which none did: by the service
 * and the route, or whom it called. Without those that have failed for all of the stretch.
 */
export function failingSince(
  segments: readonly Placed[],
  { fromMs, toMs }: Stretch,
): ReadonlyMap<string, number> {
  const minutes = new Map<string, Set<number>>();
  const [first, end] = [Math.floor(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)];
  for (const { segment } of segments) {
    const rows = segment
      .prepare(
        `SELECT minute, service, route AS at FROM traffic_minutes WHERE failures > 0 AND minute >= ? AND minute < ?
         UNION ALL SELECT minute, service, iif(target = '', name, target) FROM call_minutes
         WHERE failures > 0 AND what IN ('call', 'reached') AND minute >= ? AND minute < ?`,
      )
      .iterate(first, end, first, end) as Iterable<unknown>;
    for (const { minute, service, at } of rows as Iterable<{ minute: number; service: string; at: string }>) {
      const key = JSON.stringify([service, at]);
      const own = minutes.get(key) ?? new Set();
      minutes.set(key, own.add(minute));
    }
  }
  return new Map(
    [...minutes].flatMap(([key, own]): [string, number][] => {
      let since = Math.max(...own);
      while (own.has(since - 1)) since -= 1;
      return since <= first ? [] : [[key, since * MINUTE_MS]];
    }),
  );
}

/** What was changed at services in a stretch, and services that were seen for the first time; the latest first. */
export function findChanges(segments: readonly Placed[], { fromMs, toMs }: Stretch): ServiceChange[] {
  const rows = segments.flatMap(({ segment }) =>
    segment
      .prepare(
        "SELECT at_ms AS atMs, service, kind, what, version, instance FROM changes WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms DESC LIMIT ?",
      )
      .all(fromMs, toMs, MAX_CHANGES),
  ) as unknown as ServiceChange[];
  return rows.sort((a, b) => b.atMs - a.atMs).slice(0, MAX_CHANGES);
}

/** How entries of services' health changed before a moment, the earliest first. */
export function findHealthChanges(segments: readonly Placed[], beforeMs: number): HealthChange[] {
  const rows = segments.flatMap(({ segment }) =>
    segment
      .prepare(
        `SELECT at_ms AS atMs, since_ms AS sinceMs, service, probe, from_status AS "from", to_status AS "to", critical, error
         FROM health_changes WHERE at_ms < ?`,
      )
      .all(beforeMs),
  ) as unknown as (Omit<HealthChange, "critical"> & { readonly critical: number | null })[];
  return rows
    .map((row) => ({ ...row, critical: row.critical === null ? null : row.critical === 1 }))
    .sort((a, b) => a.atMs - b.atMs);
}
