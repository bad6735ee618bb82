import type { HealthAnswer, HealthIncident, HealthStretch } from "../page/browser/answers.ts";
import type { HealthChange } from "./history.ts";

const FAILING: readonly string[] = ["TIMEOUT", "ERROR", "STALE"];
// Each is a question of its own to the store.
const MAX_INCIDENTS = 50;

/** What failed in a stretch, the most first. */
export type FailedIn = (fromMs: number, toMs: number) => HealthIncident["failed"];

/**
 * Tells how entries are now, how they were over a stretch, and its incidents, the latest first: from the first run that
 * failed until the entry was well again, with what failed meanwhile.
 *
 * @param changes of all time until the stretch's end, the earliest first
 */
export function healthAnswer(
  changes: readonly HealthChange[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  failedIn: FailedIn,
): HealthAnswer {
  const entries: HealthAnswer["entries"][number][] = [];
  const incidents: Omit<HealthIncident, "failed">[] = [];
  for (const own of Map.groupBy(changes, ({ service, probe }) => JSON.stringify([service, probe])).values()) {
    const stretches = own.map((change, i) => stretchOf(change, own[i + 1]));
    const last = own.at(-1)!;
    const { service, probe } = last;
    const critical = own.findLast((change) => change.critical !== null)?.critical ?? null;
    entries.push({
      service,
      probe,
      critical,
      status: last.to,
      failing: FAILING.includes(last.to),
      sinceMs: last.sinceMs,
      error: last.error,
      strip: stretches.filter((one) => one.fromMs < toMs && (one.toMs ?? toMs) > fromMs),
    });
    for (const [i, { fromMs: sinceMs, toMs: untilMs, status }] of stretches.entries()) {
      const overlaps = sinceMs < toMs && (untilMs ?? toMs) > fromMs;
      if (FAILING.includes(status) && overlaps)
        incidents.push({ service, probe, critical, status, sinceMs, untilMs, error: own[i]!.error });
    }
  }
  return {
    fromMs,
    toMs,
    entries: entries.sort(
      (a, b) =>
        Number(b.failing) - Number(a.failing) || order(a.service, b.service) || order(a.probe, b.probe),
    ),
    incidents: incidents
      .sort((a, b) => b.sinceMs - a.sinceMs)
      .slice(0, MAX_INCIDENTS)
      .map((one) => ({ ...one, failed: failedIn(one.sinceMs, one.untilMs ?? toMs) })),
  };
}

function stretchOf({ sinceMs, to }: HealthChange, next: HealthChange | undefined): HealthStretch {
  return { fromMs: sinceMs, toMs: next?.sinceMs ?? null, status: to };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
