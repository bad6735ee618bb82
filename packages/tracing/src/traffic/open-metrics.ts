import { bound, label } from "@whodunit/core";
import type { DurationExemplar } from "./durations.ts";
import type { Series } from "./series.ts";

// What is older is no example of what goes on.
const RECENT_MS = 600_000;

/** Lines of one series, each with its line end. */
type Lines = (one: Series, nowMs: number, toWallMs: (atMs: number) => number) => readonly string[];

/** OpenMetrics 1.0 of all series since the start, one family of metrics after the other. */
export const METRIC_FAMILIES: readonly { readonly head: string; readonly lines: Lines }[] = [
  {
    head: [
      "# TYPE whodunit_request_duration_seconds histogram\n",
      "# UNIT whodunit_request_duration_seconds seconds\n",
    ].join(""),
    lines: durationLines,
  },
  {
    head: "# TYPE whodunit_request_failures counter\n",
    lines: (one) => [`whodunit_request_failures_total{${labelsOf(one)}} ${one.failures}\n`],
  },
  {
    head: "# TYPE whodunit_requests_aborted counter\n",
    lines: (one) => [`whodunit_requests_aborted_total{${labelsOf(one)}} ${one.aborted}\n`],
  },
];

/** Times to headers, each bucket with a recent exemplar. */
function durationLines(one: Series, nowMs: number, toWallMs: (atMs: number) => number): readonly string[] {
  const labels = labelsOf(one);
  const lines: string[] = [];
  let count = 0;
  for (const bucket of one.durations.buckets()) {
    count += bucket.count;
    const shown = shownExemplar(bucket.exemplar, nowMs, toWallMs);
    lines.push(
      `whodunit_request_duration_seconds_bucket{${labels},${label("le", bound(bucket.bound))}} ${count}${shown}\n`,
    );
  }
  lines.push(
    `whodunit_request_duration_seconds_count{${labels}} ${count}\n`,
    `whodunit_request_duration_seconds_sum{${labels}} ${one.durations.sumMs / 1_000}\n`,
  );
  return lines;
}

const labelsOf = ({ side, peer, route }: Series): string =>
  [label("side", side), label("peer", peer), label("route", route)].join(",");

function shownExemplar(
  exemplar: DurationExemplar | undefined,
  nowMs: number,
  toWallMs: (atMs: number) => number,
): string {
  if (exemplar === undefined || nowMs - exemplar.atMs > RECENT_MS) return "";
  const { traceId, spanId, durationMs, atMs } = exemplar;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${durationMs / 1_000} ${toWallMs(atMs) / 1_000}`;
}
