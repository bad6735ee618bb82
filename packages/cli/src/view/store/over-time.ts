import { quantile } from "../../sources/live/latency.ts";
import { BIN_GAMMA, readBins } from "./bins.ts";
import type { Placed } from "./segment-folder.ts";

/** Requests and lines of one step of time. */
export interface Point {
  /** When the step began, in milliseconds since 1970. */
  readonly atMs: number;
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Lines that ask for attention. */
  readonly failedLines: number;
}

/** Which stretch of time, in which steps. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMinutes: number;
  readonly service?: string | undefined;
}

/** How requests and lines went over time, a point a step; steps without any have a point, too. */
export function overTime(
  segments: readonly Placed[],
  { fromMs, toMs, stepMinutes, service }: Stretch,
): Point[] {
  const stepMs = stepMinutes * 60_000;
  const first = Math.floor(fromMs / stepMs);
  const count = Math.max(0, Math.ceil(toMs / stepMs) - first);
  const steps = Array.from({ length: count }, () => ({
    requests: 0,
    failures: 0,
    failedLines: 0,
    bins: new Map<number, number>(),
  }));
  const range = [
    (first * stepMs) / 60_000,
    (first + count) * stepMinutes,
    service ?? null,
    service ?? null,
  ] as const;
  const where = "WHERE minute >= ? AND minute < ? AND (? IS NULL OR service = ?)";
  const stepOf = (minute: number) => steps[Math.floor(minute / stepMinutes) - first];
  for (const { segment } of segments) {
    const traffic = segment
      .prepare(`SELECT minute, requests, failures, bins FROM traffic_minutes ${where}`)
      .iterate(...range);
    for (const row of traffic as Iterable<unknown> as Iterable<{
      minute: number;
      requests: number;
      failures: number;
      bins: string;
    }>) {
      const step = stepOf(row.minute);
      if (step === undefined) continue;
      step.requests += row.requests;
      step.failures += row.failures;
      readBins(row.bins, step.bins);
    }
    const lines = segment
      .prepare(`SELECT minute, sum(count) AS count FROM line_minutes ${where} AND failed = 1 GROUP BY minute`)
      .iterate(...range);
    for (const row of lines as Iterable<unknown> as Iterable<{ minute: number; count: number }>) {
      const step = stepOf(row.minute);
      if (step !== undefined) step.failedLines += row.count;
    }
  }
  return steps.map(({ bins, ...counts }, i) => {
    const latency = { gamma: BIN_GAMMA, bins: [...bins].sort(([a], [b]) => a - b) };
    return {
      atMs: (first + i) * stepMs,
      ...counts,
      p50Ms: quantile(latency, 0.5),
      p95Ms: quantile(latency, 0.95),
    };
  });
}
