import {
  label,
  OPEN_METRICS,
  OPEN_METRICS_TYPE,
  PROMETHEUS_TEXT,
  PROMETHEUS_TEXT_TYPE,
} from "@whodunit/core";
import type { HealthEntry } from "../watch/probe-state.ts";
import type { Format, StatusView } from "./format.ts";

const STATUSES = ["OK", "DEGRADED", "TIMEOUT", "ERROR", "STALE", "STARTING"] as const;

/** OpenMetrics 1.0 for a scraper: the Status of each probe as a state set, and how long its last run took. */
export const openMetricsFormat: Format = {
  mediaType: OPEN_METRICS,
  contentType: OPEN_METRICS_TYPE,
  always200: true,
  render: (view) =>
    [
      "# TYPE health_probe_status stateset",
      ...statuses(view),
      "# TYPE health_probe_duration_seconds gauge",
      "# UNIT health_probe_duration_seconds seconds",
      ...durations(view),
      "# TYPE health_process_standstill_seconds counter",
      "# UNIT health_process_standstill_seconds seconds",
      standstill(view),
      "# EOF\n",
    ].join("\n"),
};

/** The same in Prometheus' own text format, which has neither state sets nor units, for scrapers that ask for it. */
export const prometheusFormat: Format = {
  mediaType: PROMETHEUS_TEXT,
  contentType: PROMETHEUS_TEXT_TYPE,
  always200: true,
  render: (view) =>
    [
      "# TYPE health_probe_status gauge",
      ...statuses(view),
      "# TYPE health_probe_duration_seconds gauge",
      ...durations(view),
      "# TYPE health_process_standstill_seconds_total counter",
      `${standstill(view)}\n`,
    ].join("\n"),
};

function statuses({ service, entries }: StatusView): string[] {
  return entries.flatMap((entry) =>
    STATUSES.map((status) => {
      const labels = `${labelsOf(service, entry)},health_probe_status="${status}"`;
      return `health_probe_status{${labels}} ${entry.status === status ? 1 : 0}`;
    }),
  );
}

function durations({ service, entries }: StatusView): string[] {
  return entries.flatMap((entry) =>
    entry.durationMs === undefined
      ? []
      : [`health_probe_duration_seconds{${labelsOf(service, entry)}} ${entry.durationMs / 1_000}`],
  );
}

const standstill = ({ service, standstills }: StatusView): string =>
  `health_process_standstill_seconds_total{${ofService(service)}} ${(standstills?.totalMs ?? 0) / 1_000}`;

const ofService = (service: string): string => label("service_name", service);

const labelsOf = (service: string, { probe }: HealthEntry): string =>
  `${ofService(service)},${label("probe", probe.name)},${label("priority", probe.priority)}`;
