import type { HealthEntry } from "./probe-state.ts";

/**
 * The code for monitors: 503 when a probe is failing whose priority is not `none`. DEGRADED is 200: it asks for a
 * look, not for a way around the service.
 */
export function monitorCode(entries: readonly HealthEntry[]): 200 | 503 {
  return entries.some((entry) => entry.level === "failing" && entry.probe.priority !== "none") ? 503 : 200;
}

/** The critical probes that keep the service out of the balancer: failing, or without a good result so far. */
export function blockingReadiness(entries: readonly HealthEntry[]): readonly HealthEntry[] {
  return entries.filter(
    (entry) => entry.probe.critical && (entry.level === "failing" || entry.level === "unknown"),
  );
}
