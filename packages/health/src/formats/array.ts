import type { HealthEntry } from "../state.ts";

/**
 * The list that monitors read: `Name`, `Status` and `StatusTime` of each probe, in registration order, and for
 * authorised readers `Details`.
 */
export function formatArray(entries: readonly HealthEntry[], detailed: boolean): string {
  return JSON.stringify(
    entries.map((entry) => ({
      Name: entry.probe.name,
      Status: entry.status,
      StatusTime: new Date(entry.statusTime).toISOString(),
      ...(detailed && { Details: details(entry) }),
    })),
  );
}

function details(entry: HealthEntry): Record<string, unknown> {
  const { critical, group, priority, owner, runbook, kind } = entry.probe;
  return {
    LatencyMs: entry.durationMs === undefined ? undefined : Math.round(entry.durationMs * 10) / 10,
    Level: entry.level,
    Since: new Date(entry.levelSince).toISOString(),
    Error: entry.fault?.text,
    ErrorCode: entry.fault?.code,
    Value: entry.value,
    Unit: entry.unit,
    Critical: critical,
    Group: group,
    Priority: priority,
    Kind: kind,
    Owner: owner,
    Runbook: runbook,
    Flapping: entry.flapping,
    Abandoned: entry.abandoned,
  };
}
