import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { integer } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { holdAgainst, type Thresholds } from "./gauge.ts";

/** What {@link eventLoopProbe} takes. */
export interface EventLoopProbeOptions extends ProbeSettings {
  /** @default "event-loop" */
  readonly name?: string;
  /** From this delay on it is DEGRADED, the 99th percentile since the last run, in milliseconds. @default 100 */
  readonly degradedMs?: number;
  /** From this delay on it is ERROR. @default 1_000 */
  readonly errorMs?: number;
}

const RESOLUTION_MS = 10;

const SHAPE: OwnShape<EventLoopProbeOptions> = {
  degradedMs: integer(1),
  errorMs: integer(1),
};

/** Watches how late this process's event loop is. @throws TypeError when an option is wrong */
export function eventLoopProbe(options: EventLoopProbeOptions = {}): Probe {
  checkProbeOptions("eventLoopProbe", options, SHAPE);
  const { degradedMs = 100, errorMs = 1_000 } = options;
  integer(degradedMs)("eventLoopProbe", "errorMs", errorMs);
  let histogram: IntervalHistogram | undefined;
  const thresholds: Thresholds = { degradedAt: degradedMs, errorAt: errorMs, bad: "high", unit: "ms" };
  return probeFrom(options, {
    name: "event-loop",
    check() {
      if (histogram === undefined) {
        histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
        histogram.enable();
      }
      // What it measures holds the timer's own period. Nothing measured: not late.
      const lateMs = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e6 - RESOLUTION_MS;
      histogram.reset();
      return holdAgainst(Math.max(0, Math.round(lateMs)), thresholds);
    },
    close() {
      histogram?.disable();
      histogram = undefined;
    },
  });
}
