/** Something that was changed in this process, and may be why it behaves otherwise since. */
export interface ProcessChange {
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
  /** `level`: the level of log lines; `report`: told by {@link reportChange}. */
  readonly kind: "level" | "report";
  /** In words, at most 200 characters. */
  readonly what: string;
}

const CHANGES_MAX = 32;
const WHAT_MAX = 200;

// One list per process, whatever number of copies of this package is installed.
const STATE = Symbol.for("whodunit.changes");
const process_ = globalThis as { [STATE]?: ProcessChange[] };
process_[STATE] ??= [];
const changes = process_[STATE];

/**
 * Tells that something was changed: a flag, a configuration, a migration. `whodunit investigate` names what was changed
 * just before requests began to fail. The last 32 are kept. Never throws.
 *
 * @param what in a few words, such as `"flag checkout-v2 on"`; cut at 200 characters, secrets are taken out when it is shown
 */
export function reportChange(what: string): void {
  recordChange("report", what);
}

/** @internal The same for what Whodunit's packages change. */
export function recordChange(kind: ProcessChange["kind"], what: string): void {
  changes.push({ atMs: Date.now(), kind, what: String(what).slice(0, WHAT_MAX) });
  if (changes.length > CHANGES_MAX) changes.shift();
}

/** What was changed in this process, the latest last. */
export function recentChanges(): readonly ProcessChange[] {
  return [...changes];
}
