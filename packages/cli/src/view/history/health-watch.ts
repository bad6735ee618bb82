import type { Line } from "../line.ts";
import type { MetricPoint } from "../otlp/metrics.ts";
import { shortName } from "../short-name.ts";
import type { HealthChange } from "./history.ts";

const MAX_ENTRIES = 5_000;
const FIRST = "STARTING";

/** What a source says of an entry now. */
export interface HealthNow {
  readonly service: string;
  readonly probe: string;
  readonly status: string;
  readonly atMs: number;
  readonly critical?: boolean | null;
  readonly error?: string;
}

/** Finds out when an entry of a service's health changes: by lines that tell it, and by the metric of its status. */
export class HealthWatch {
  readonly #last = new Map<string, Pick<HealthChange, "to" | "atMs">>();
  #changes: HealthChange[] = [];

  /** @param known what was written before, the earliest first */
  constructor(known: readonly HealthChange[]) {
    for (const change of known) this.#remember(change);
  }

  /** A line that `@whodunit/health` wrote of a change, or another. */
  line({ service, fields }: Line): void {
    const { probe, from, to, since, at, critical, error } = fields;
    if (![probe, from, to, since, at].every((value) => typeof value === "string")) return;
    const [sinceMs, atMs] = [Date.parse(since as string), Date.parse(at as string)];
    if (!Number.isFinite(sinceMs) || !Number.isFinite(atMs)) return;
    this.#change({
      atMs,
      sinceMs,
      service,
      probe: probe as string,
      from: from as string,
      to: to as string,
      critical: typeof critical === "boolean" ? critical : null,
      error: typeof error === "string" ? error : "",
    });
  }

  /** A point of `health.probe.status`, which is 1 for what an entry is and 0 for all it is not; or another. */
  point({ service, name, value, timeMs, attributes }: MetricPoint): void {
    if (name !== "health.probe.status" || value !== 1) return;
    const probe = attributes["health.probe.name"];
    const status = attributes["health.probe.status"];
    const critical = attributes["health.probe.critical"];
    if (typeof probe !== "string" || typeof status !== "string") return;
    this.now({
      service,
      probe,
      status,
      atMs: timeMs,
      critical: typeof critical === "boolean" ? critical : null,
    });
  }

  /** An entry as it is now. */
  now({ service, probe, status, atMs, critical = null, error = "" }: HealthNow): void {
    const before = this.#last.get(keyOf(service, probe));
    if (before?.to === status || (before !== undefined && before.atMs > atMs)) return;
    const from = before?.to ?? FIRST;
    this.#change({ atMs, sinceMs: atMs, service, probe, from, to: status, critical, error });
  }

  /** What has changed since the last time. */
  take(): HealthChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0;
  }

  #change(change: HealthChange): void {
    const { service, probe, from, to, error } = change;
    const before = this.#last.get(keyOf(service, probe));
    // Told before, by a line that was read again or by another of the sources.
    if (before !== undefined && (before.atMs >= change.atMs || before.to === to)) return;
    const texts = {
      service: shortName(service),
      probe: shortName(probe),
      from: shortName(from),
      to: shortName(to),
      error: shortName(error),
    };
    const kept = { ...change, ...texts };
    if (!this.#remember(kept)) return;
    this.#changes.push(kept);
  }

  #remember({ service, probe, to, atMs }: HealthChange): boolean {
    const key = keyOf(service, probe);
    if (this.#last.size >= MAX_ENTRIES && !this.#last.has(key)) return false;
    this.#last.set(key, { to, atMs });
    return true;
  }
}

const keyOf = (service: string, probe: string): string =>
  JSON.stringify([shortName(service), shortName(probe)]);
