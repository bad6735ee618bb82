import { label, OPEN_METRICS, OPEN_METRICS_TYPE } from "@whodunit/core";
import type { HealthEntry } from "../watch/probe-state.ts";
import type { Format } from "./format.ts";

const STATUSES = ["OK", "DEGRADED", "TIMEOUT", "ERROR", "STALE", "STARTING"] as const;

/** OpenMetrics 1.0 for a scraper: the Status of each probe as a state set, and how long its last run took. */
export const openMetricsFormat: Format = {
  mediaType: OPEN_METRICS,
  contentType: OPEN_METRICS_TYPE,
  always200: true,
  render({ entries }) {
    const lines = ["# TYPE health_probe_status stateset"];
    for (const entry of entries) {
      for (const status of STATUSES) {
        const labels = `${labelsOf(entry)},health_probe_status="${status}"`;
        lines.push(`health_probe_status{${labels}} ${entry.status === status ? 1 : 0}`);
      }
    }
    lines.push("# TYPE health_probe_duration_seconds gauge", "# UNIT health_probe_duration_seconds seconds");
    for (const entry of entries) {
      if (entry.durationMs === undefined) continue;
      lines.push(`health_probe_duration_seconds{${labelsOf(entry)}} ${entry.durationMs / 1_000}`);
    }
    return `${lines.join("\n")}\n# EOF\n`;
  },
};

const labelsOf = ({ probe }: HealthEntry): string =>
  `${label("probe", probe.name)},${label("priority", probe.priority)}`;
