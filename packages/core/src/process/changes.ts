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

/** Hears of each change as it is told. */
type ChangeListener = (change: ProcessChange) => void;

// One list per process, and one set of listeners, whatever number of copies of this package is installed.
const STATE = Symbol.for("whodunit.changes");
const LISTENERS = Symbol.for("whodunit.changes.listeners");
const process_ = globalThis as { [STATE]?: ProcessChange[]; [LISTENERS]?: Set<ChangeListener> };
process_[STATE] ??= [];
process_[LISTENERS] ??= new Set();
const changes = process_[STATE];
const listeners = process_[LISTENERS];

/**
 * Tells that something was changed: a flag, a configuration, a migration. `whodunit investigate` names what was changed
 * just before requests began to fail, and each logger of the process writes a line `<service>-change-reported`. The last 32 are
 * kept. Never throws.
 *
 * @param what in a few words, such as `"flag checkout-v2 on"`; cut at 200 characters, secrets are taken out when it is shown
 */
export function reportChange(what: string): void {
  recordChange("report", what);
}

/** @internal The same for what Whodunit's packages change. */
export function recordChange(kind: ProcessChange["kind"], what: string): void {
  const change = { atMs: Date.now(), kind, what: String(what).slice(0, WHAT_MAX) };
  changes.push(change);
  if (changes.length > CHANGES_MAX) changes.shift();
  for (const listener of listeners) listener(change);
}

/** @internal Hears of each change from now on. The listener must not throw. Returns what ends it. */
export function onChange(listener: ChangeListener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** What was changed in this process, the latest last. */
export function recentChanges(): readonly ProcessChange[] {
  return [...changes];
}
