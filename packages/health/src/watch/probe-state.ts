import type { Fault } from "./error-text.ts";
import type { ResolvedProbe, Status } from "./probe.ts";
import type { Outcome } from "./run.ts";

/** What the thresholds make of the last runs: the HTTP codes and the changes go by it, not by the Status. */
export type Level = "unknown" | "well" | "degraded" | "failing";

/** A span of time in which every run ended with the same Status. */
export interface HistoryItem {
  readonly status: Status;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What is known of one probe at one moment. Never changes. */
export interface HealthEntry {
  readonly probe: ResolvedProbe;
  readonly status: Status;
  /** When the run that gave this status ended, in milliseconds since 1970. */
  readonly statusTime: number;
  readonly level: Level;
  /** Since when the level holds: the first of the runs that led to it. Milliseconds since 1970. */
  readonly levelSince: number;
  /** How it failed last; undefined while it never has. */
  readonly failedAs: "TIMEOUT" | "ERROR" | "STALE" | undefined;
  /** How long the last run took, in milliseconds. */
  readonly durationMs: number | undefined;
  /** What was wrong with the last run. */
  readonly fault: Fault | undefined;
  readonly value: number | undefined;
  readonly unit: string | undefined;
  /** Whether at least 6 of the last 20 runs ended differently from the one before. */
  readonly flapping: boolean;
  /** Runs that never ended and were given up. */
  readonly abandoned: number;
  /** The last 100 changes of Status, oldest first. */
  readonly history: readonly HistoryItem[];
}

const HISTORY_MAX = 100;
const FLAP_WINDOW = 2 ** 20 - 1;
const FLAP_CHANGES = 6;
const SEVERITY = { OK: 0, DEGRADED: 1, TIMEOUT: 2, ERROR: 2, STALE: 2, STARTING: 0 } as const;
const LEVEL_OF: readonly Level[] = ["well", "degraded", "failing"];

/**
 * Turns a probe's outcomes into its entry. A level gets worse when `failAfter` runs in a row were worse, and
 * better when `recoverAfter` were better, so that a flapping dependency stays where it was.
 */
export class ProbeState {
  readonly #probe: ResolvedProbe;
  #entry: HealthEntry;
  #endedAt: number;
  // Runs in a row that were at least (or at most) as bad as an index into LEVEL_OF, and when the first ended.
  readonly #atLeast: Streak[] = [new Streak(), new Streak(), new Streak()];
  readonly #atMost: Streak[] = [new Streak(), new Streak(), new Streak()];
  #changes = 0;

  constructor(probe: ResolvedProbe, now: number, wall: number) {
    this.#probe = probe;
    this.#endedAt = now;
    this.#entry = Object.freeze({
      probe,
      status: "STARTING",
      statusTime: wall,
      level: "unknown",
      levelSince: wall,
      failedAs: undefined,
      durationMs: undefined,
      fault: undefined,
      value: undefined,
      unit: undefined,
      flapping: false,
      abandoned: 0,
      history: [],
    });
  }

  get entry(): HealthEntry {
    return this.#entry;
  }

  /** When the entry turns stale unless a run ends before, on the monotonic clock. */
  get staleAt(): number {
    return this.#entry.status === "STALE"
      ? Number.POSITIVE_INFINITY
      : this.#endedAt + this.#probe.staleAfterMs;
  }

  /** Takes in how a run ended. */
  record(outcome: Outcome, abandoned: number, now: number, wall: number): void {
    this.#endedAt = now;
    const severity = SEVERITY[outcome.status];
    const first = this.#entry.history.length === 0;
    const changed = !first && severity !== SEVERITY[this.#entry.status];
    this.#changes = ((this.#changes << 1) | (changed ? 1 : 0)) & FLAP_WINDOW;
    for (let index = 0; index <= 2; index++) {
      this.#atLeast[index]?.count(severity >= index, wall);
      this.#atMost[index]?.count(severity <= index, wall);
    }
    this.#enter(outcome.status, wall, this.#nextLevel(), {
      ...((outcome.status === "TIMEOUT" || outcome.status === "ERROR") && { failedAs: outcome.status }),
      durationMs: outcome.durationMs,
      fault: outcome.fault,
      value: outcome.value,
      unit: outcome.unit,
      flapping: countOnes(this.#changes) >= FLAP_CHANGES,
      abandoned,
    });
  }

  /** Notes that no run has ended for too long. */
  markStale(wall: number): void {
    for (const streak of this.#atMost) streak.reset();
    const fault = { code: "STALE", text: `no result for ${this.#probe.staleAfterMs} ms` };
    const level = {
      level: "failing",
      since: this.#entry.level === "failing" ? this.#entry.levelSince : wall,
    } as const;
    // The time stays that of the last run, so that a reader sees how old the news is.
    this.#enter("STALE", this.#entry.statusTime, level, { fault, failedAs: "STALE" });
  }

  #enter(
    status: Status,
    statusTime: number,
    level: { level: Level; since: number },
    rest: Partial<HealthEntry>,
  ): void {
    const { history } = this.#entry;
    const last = history.at(-1);
    this.#entry = Object.freeze({
      ...this.#entry,
      ...rest,
      status,
      statusTime,
      level: level.level,
      levelSince: level.since,
      history:
        last?.status === status
          ? history
          : [...history.slice(1 - HISTORY_MAX), { status, since: statusTime }],
    });
  }

  #nextLevel(): { level: Level; since: number } {
    const { level, levelSince } = this.#entry;
    const { failAfter, recoverAfter } = this.#probe;
    const now = LEVEL_OF.indexOf(level);
    for (let worse = 2; worse > Math.max(now, 0); worse--) {
      const streak = this.#atLeast[worse] as Streak;
      if (streak.length >= failAfter) return { level: LEVEL_OF[worse] as Level, since: streak.since };
    }
    // Nothing has been told yet: the first good run is enough to start with.
    const needed = level === "unknown" ? 1 : recoverAfter;
    for (let better = 0; better < (now === -1 ? 2 : now); better++) {
      const streak = this.#atMost[better] as Streak;
      if (streak.length >= needed) return { level: LEVEL_OF[better] as Level, since: streak.since };
    }
    return { level, since: levelSince };
  }
}

class Streak {
  length = 0;
  since = 0;

  count(goesOn: boolean, wall: number): void {
    if (goesOn && this.length === 0) this.since = wall;
    this.length = goesOn ? this.length + 1 : 0;
  }

  reset(): void {
    this.length = 0;
  }
}

function countOnes(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
