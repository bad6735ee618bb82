import type { HealthEntry } from "./probe-state.ts";

/** All entries at one moment, in registration order. Never changes; the next run swaps in another. */
export class Snapshot {
  readonly entries: readonly HealthEntry[];
  /** When the first of the entries turns stale, on the monotonic clock. */
  readonly staleAt: number;
  readonly #rendered = new Map<string, unknown>();

  constructor(entries: readonly HealthEntry[], staleAt: number) {
    this.entries = Object.freeze(entries);
    this.staleAt = staleAt;
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
