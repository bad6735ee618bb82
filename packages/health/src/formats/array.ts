import type { HealthEntry } from "../watch/probe-state.ts";
import { type Format, isoTime, roundMs } from "./format.ts";

/**
 * The list that monitors read: `Name`, `Status` and `StatusTime` of each probe, in registration order, and for
 * authorised readers `Details`.
 */
export const arrayFormat: Format = {
  mediaType: "application/json",
  contentType: "application/json; charset=utf-8",
  render: ({ entries, detailed }) =>
    JSON.stringify(
      entries.map((entry) => ({
        Name: entry.probe.name,
        Status: entry.status,
        StatusTime: isoTime(entry.statusTime),
        ...(detailed && { Details: details(entry) }),
      })),
    ),
};

function details(entry: HealthEntry): Record<string, unknown> {
  const { critical, group, priority, owner, runbook, kind } = entry.probe;
  return {
    LatencyMs: entry.durationMs === undefined ? undefined : roundMs(entry.durationMs),
    Level: entry.level,
    Since: isoTime(entry.levelSince),
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
