import { bound, label } from "@whodunit/core";
import type { DurationExemplar } from "./durations.ts";
import type { Series } from "./series.ts";

// What is older is no example of what goes on.
const RECENT_MS = 600_000;

/**
 * OpenMetrics 1.0 of all series since the start: durations as a histogram whose buckets carry an exemplar each,
 * failures and aborts as counters.
 */
export function renderOpenMetrics(series: Iterable<Series>, nowMs: number): string {
  const durations = [
    "# TYPE whodunit_request_duration_seconds histogram",
    "# UNIT whodunit_request_duration_seconds seconds",
  ];
  const failures = ["# TYPE whodunit_request_failures counter"];
  const aborted = ["# TYPE whodunit_requests_aborted counter"];
  for (const one of series) {
    const labels = [label("side", one.side), label("peer", one.peer), label("route", one.route)].join(",");
    let count = 0;
    for (const bucket of one.durations.buckets()) {
      count += bucket.count;
      const shown = shownExemplar(bucket.exemplar, nowMs);
      durations.push(
        `whodunit_request_duration_seconds_bucket{${labels},${label("le", bound(bucket.bound))}} ${count}${shown}`,
      );
    }
    durations.push(
      `whodunit_request_duration_seconds_count{${labels}} ${count}`,
      `whodunit_request_duration_seconds_sum{${labels}} ${one.durations.sumMs / 1_000}`,
    );
    failures.push(`whodunit_request_failures_total{${labels}} ${one.failures}`);
    aborted.push(`whodunit_requests_aborted_total{${labels}} ${one.aborted}`);
  }
  return `${[...durations, ...failures, ...aborted].join("\n")}\n# EOF\n`;
}

function shownExemplar(exemplar: DurationExemplar | undefined, nowMs: number): string {
  if (exemplar === undefined || nowMs - exemplar.atMs > RECENT_MS) return "";
  const { traceId, spanId, durationMs, atMs } = exemplar;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${durationMs / 1_000} ${atMs / 1_000}`;
}
