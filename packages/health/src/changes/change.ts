import { normaliseName } from "@whodunit/core";
import type { Priority, Status } from "../watch/probe.ts";
import type { HealthEntry } from "../watch/probe-state.ts";

/** A probe that got worse or better for good, as subscribers are told it: once. */
export interface HealthChange {
  /** A log name without the service: `health-mydb-timeout`, `health-mydb-ok`. */
  readonly event: string;
  readonly service: string;
  readonly probe: string;
  /** What it was and what it is: OK, DEGRADED, or how it fails. STARTING: nothing was known. */
  readonly from: Status;
  readonly to: Status;
  /** The first of the runs that led to it, an ISO time. */
  readonly since: string;
  /** The last of them, an ISO time. */
  readonly at: string;
  readonly priority: Priority;
  readonly critical: boolean;
  readonly group: string;
  /** The error's class and code, such as `Error ECONNREFUSED`; never its message, which may name hosts. */
  readonly error?: string;
  readonly owner?: string;
  readonly runbook?: string;
}

/** The change between two entries of a probe, if their levels differ. Going well at first is none. */
export function changeOf(service: string, before: HealthEntry, after: HealthEntry): HealthChange | undefined {
  if (before.level === after.level) return undefined;
  if (before.level === "unknown" && after.level === "well") return undefined;
  const { name, priority, critical, group, owner, runbook } = after.probe;
  const to = settledStatus(after);
  return {
    event: normaliseName(`health-${normaliseName(name)}-${to.toLowerCase()}`),
    service,
    probe: name,
    from: settledStatus(before),
    to,
    since: new Date(after.levelSince).toISOString(),
    at: new Date(after.statusTime).toISOString(),
    priority,
    critical,
    group,
    ...(after.fault !== undefined && { error: after.fault.code }),
    ...(owner !== undefined && { owner }),
    ...(runbook !== undefined && { runbook }),
  };
}

const SETTLED = { unknown: "STARTING", well: "OK", degraded: "DEGRADED" } as const;

const settledStatus = (entry: HealthEntry): Status =>
  entry.level === "failing" ? (entry.failedAs ?? "ERROR") : SETTLED[entry.level];
