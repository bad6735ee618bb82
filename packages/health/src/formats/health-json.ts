import { clusterWorkers } from "@whodunit/core";
import type { HealthEntry } from "../watch/probe-state.ts";
import { type Format, isoTime, standstillText } from "./format.ts";

/**
 * `application/health+json` of draft-inadarei-api-health-check-06, with three members of our own in each check:
 * `state` (the Status of the last run), `kind` (whether it is the service's own or watches another service) and
 * `optional` (it never counts). `notes` says that the process itself stood still, `workers` which worker of `node:cluster`
 * has answered, and of how many: the others run probes of their own.
 */
export const healthJsonFormat: Format = {
  mediaType: "application/health+json",
  contentType: "application/health+json; charset=utf-8",
  render({ service, code, entries, standstills, detailed }) {
    const checks = entries.map((entry) => [entry.probe.name, [checkOf(entry, detailed)]] as const);
    const status =
      code === 503 ? "fail" : entries.every((entry) => statusWord(entry) === "pass") ? "pass" : "warn";
    return JSON.stringify({
      status,
      serviceId: service,
      ...(standstills !== undefined && { notes: [standstillText(standstills)] }),
      workers: clusterWorkers(),
      checks: Object.fromEntries(checks),
    });
  },
};

function checkOf(entry: HealthEntry, detailed: boolean): Record<string, unknown> {
  const { kind, priority, runbook } = entry.probe;
  return {
    status: statusWord(entry),
    state: entry.status,
    kind,
    ...(priority === "none" && { optional: true }),
    time: isoTime(entry.statusTime),
    ...(detailed && {
      observedValue: entry.value ?? entry.durationMs,
      observedUnit: entry.value === undefined ? "ms" : entry.unit,
      output: entry.fault?.text,
      links: runbook === undefined ? undefined : { about: runbook },
    }),
  };
}

// The draft binds "fail" to a 4xx or 5xx and "warn" to a 2xx or 3xx, so an optional check can only warn.
function statusWord(entry: HealthEntry): "pass" | "warn" | "fail" {
  if (entry.level === "failing") return entry.probe.priority === "none" ? "warn" : "fail";
  return entry.level === "well" ? "pass" : "warn";
}
