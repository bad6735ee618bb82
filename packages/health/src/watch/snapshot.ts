import type { Standstill } from "./awake-clock.ts";
import type { HealthEntry } from "./probe-state.ts";

/** What is known of the times in which this process stood still for a second or more. */
export interface Standstills {
  readonly count: number;
  readonly totalMs: number;
  readonly last: Standstill;
}

/** All entries at one moment, in registration order. Never changes; the next run swaps in another. */
export class Snapshot {
  readonly entries: readonly HealthEntry[];
  /** When the first of the entries turns stale, in the time that the process was awake. */
  readonly staleAt: number;
  /** Undefined while there was none. */
  readonly standstills: Standstills | undefined;
  readonly #rendered = new Map<string, unknown>();

  constructor(entries: readonly HealthEntry[], staleAt: number, standstills?: Standstills) {
    this.entries = Object.freeze(entries);
    this.staleAt = staleAt;
    this.standstills = standstills;
  }

  /** What `render` made of this snapshot the first time `key` was asked for: the same bytes until the next run. */
  rendered<Result>(key: string, render: () => Result): Result {
    let result = this.#rendered.get(key) as Result | undefined;
    if (result === undefined) {
      result = render();
      this.#rendered.set(key, result);
    }
    return result;
  }
}
