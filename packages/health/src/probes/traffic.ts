import { integer, optional, optionError } from "@whodunit/core";
import {
  type CheckResult,
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";

/** One line of traffic, as far as it is read here. */
export interface TrafficSeries {
  readonly side: "server" | "client";
  readonly peer: string;
  readonly route: string;
  readonly windowS: number;
  readonly count: number;
  readonly failures: number;
}

/** Anything that counts requests, such as `tracing.traffic` of `@whodunit/tracing`. */
export interface TrafficSource {
  /** The counts of all windows. */
  snapshot(): { readonly series: readonly TrafficSeries[] };
  /** The counts of one window alone, where they can be had at less cost: they are asked for in place of a snapshot. */
  counts?(windowS: 10 | 60 | 600): readonly TrafficSeries[];
}

/** What {@link trafficProbe} takes. */
export interface TrafficProbeOptions extends ProbeSettings {
  /** @default "traffic" */
  readonly name?: string;
  /** The share of successes below which a route or callee is DEGRADED, 0 to 1. @default 0.95 */
  readonly minSuccess?: number;
  /** How many requests a route or callee must have had in the window to count. @default 20 */
  readonly minCount?: number;
  /** The window, in seconds. @default 60 */
  readonly windowS?: 10 | 60 | 600;
}

const SHAPE: OwnShape<TrafficProbeOptions> = {
  minSuccess: optional(
    (share) => typeof share === "number" && share > 0 && share <= 1,
    "a number above 0, up to 1",
  ),
  minCount: integer(1),
  windowS: optional((window) => window === 10 || window === 60 || window === 600, "10, 60 or 600"),
};

/**
 * Turns a falling success rate of a route of this service, or of a callee, into DEGRADED: health checks stop
 * passing while requests die. Never worse than DEGRADED, as one bad callee would else take out the whole fleet.
 *
 * @throws TypeError when an option is wrong
 */
export function trafficProbe(traffic: TrafficSource, options: TrafficProbeOptions = {}): Probe {
  checkProbeOptions("trafficProbe", options, SHAPE);
  if (typeof traffic?.snapshot !== "function") {
    throw optionError(
      "trafficProbe",
      "traffic",
      traffic,
      "an object with snapshot(), such as tracing.traffic",
    );
  }
  const { minSuccess = 0.95, minCount = 20, windowS = 60 } = options;
  return probeFrom(options, {
    name: "traffic",
    check(): CheckResult {
      const failing: string[] = [];
      let worst = 1;
      const series = traffic.counts?.(windowS) ?? traffic.snapshot().series;
      for (const [what, { count, failures }] of countByRoute(series, windowS)) {
        const success = 1 - failures / count;
        if (count < minCount || success >= minSuccess) continue;
        failing.push(`${what} ${(100 * success).toFixed(1)} % of ${count} well`);
        worst = Math.min(worst, success);
      }
      const measured = { value: Math.round(worst * 1_000) / 10, unit: "%" };
      if (failing.length === 0) return { status: "OK", ...measured };
      return { status: "DEGRADED", reason: failing.join("; "), ...measured };
    },
  });
}

// A route of ours whoever calls it; a callee's routes one by one.
function countByRoute(series: readonly TrafficSeries[], windowS: number): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const { side, peer, route, windowS: window, count, failures } of series) {
    if (window !== windowS) continue;
    const what = side === "server" ? route : `${route} at ${peer}`;
    const sum = counts.get(what) ?? { count: 0, failures: 0 };
    counts.set(what, { count: sum.count + count, failures: sum.failures + failures });
  }
  return counts;
}

interface Counts {
  readonly count: number;
  readonly failures: number;
}
