import type { Levels } from "./levels.ts";

/** The signals that may switch debug on: those that mean nothing to Node or to whoever stops a process. */
export const LEVEL_SIGNALS = ["SIGUSR1", "SIGUSR2", "SIGHUP"] as const;

/** A signal that switches debug on for all names, and off again. */
export type LevelSignal = (typeof LEVEL_SIGNALS)[number];

const TTL_MS = 600_000;

/** Switches debug on for ten minutes at a signal, and off at the next. Returns the function that stops listening. */
export function listenForLevel(signal: LevelSignal, levels: Levels): () => void {
  const onSignal = () => {
    if (levels.isTemporary("")) levels.reset("", signal);
    else levels.set("", "debug", signal, TTL_MS);
  };
  process.on(signal, onSignal);
  return () => process.off(signal, onSignal);
}
