import { FakeClock } from "../../src/testing.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import { Traffic, type TrafficOptions } from "../../src/traffic/traffic.ts";

/** A request that the service answered well. */
export const REQUEST: TrafficRecord = {
  side: "server",
  peer: "web",
  route: "GET /a",
  status: 200,
  errorType: undefined,
  aborted: false,
  durationMs: 12,
  trace: undefined,
  thrown: undefined,
};

/** When the clock of `createTraffic` starts. */
export const START = Date.parse("2026-11-20T08:00:00.000Z");

/** The traffic of a service `web`, by a clock that the test moves. `record` counts a request like {@link REQUEST}. */
export function createTraffic(options: Partial<Omit<TrafficOptions, "clock">> = {}) {
  const clock = new FakeClock(START);
  const own = { service: "web", instance: "i1", version: null, classify: undefined };
  const traffic = new Traffic({ ...own, ...options, clock });
  const record = (more: Partial<TrafficRecord> = {}) => traffic.record({ ...REQUEST, ...more });
  return { clock, traffic, record };
}
