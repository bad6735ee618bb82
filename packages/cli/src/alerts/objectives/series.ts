import { quoted } from "../../sources/prometheus/promql.ts";

/** What the rules read of `/debug/traffic`, as Prometheus keeps it. */
export const SERIES = {
  /** Requests that ended, by how. */
  requests: "whodunit_requests_total",
  /** Times to headers; of who answers by route, of who calls by peer. */
  durationBucket: "whodunit_request_duration_seconds_bucket",
  durationSum: "whodunit_request_duration_seconds_sum",
  durationCount: "whodunit_request_duration_seconds_count",
} as const;

/** Requests that count: whoever went away while it waited tells nothing of the service. */
export const ENDED = 'outcome=~"success|failure"';

/** The failed ones; those that failed after their headers were counted among the others first. */
export const FAILED = 'outcome=~"failure|late_failure"';

/** Upper bounds of the buckets, in milliseconds: what a latency can be held to. */
export const BOUNDS_MS: readonly number[] = [
  5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000,
];

/** Requests that a service answered, of one route or of all. */
export interface Answered {
  readonly service: string;
  readonly route?: string | undefined;
}

/** A selector of what a service tells of the requests that it answered: `{side="server",service_name="web"}`. */
export function answeredBy({ service, route }: Answered, ...further: readonly string[]): string {
  const matchers = [`side="server"`, `service_name=${quoted(service)}`];
  if (route !== undefined) matchers.push(`route=${quoted(route)}`);
  return `{${[...matchers, ...further].join(",")}}`;
}

/** The matcher of one bucket. Prometheus 3 writes `le="1.0"` where 2 wrote what it was told, `1` or `1.0`. */
export function bucketOf(boundMs: number): string {
  const seconds = String(boundMs / 1_000);
  return seconds.includes(".") ? `le="${seconds}"` : `le=~"${seconds}|${seconds}\\\\.0"`;
}
