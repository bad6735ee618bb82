import type { Probe, ProbeSettings } from "./watch/probe.ts";

export { FakeClock } from "@whodunit/core/testing";

/** What one run of a scripted probe does; `HANG`: it never ends, whatever the signal says. */
export type ScriptStep = "OK" | "DEGRADED" | "ERROR" | "HANG";

/** A probe that does what it is told, and counts. */
export interface ScriptedProbe {
  /** For `createHealth({ probes })`. */
  readonly probe: Probe;
  /** How many runs have begun. */
  readonly runs: number;
  /** How many are under way. */
  readonly running: number;
  /** How many were under way at most. */
  readonly maxRunning: number;
  /** What the next runs do; the last step goes on for ever. */
  play(...script: readonly ScriptStep[]): void;
  /** Lets the runs that hang end well. */
  release(): void;
}

/** Builds a {@link ScriptedProbe}; until it is told otherwise, every run is OK. */
export function createScriptedProbe(
  settings: ProbeSettings & Pick<Probe, "name" | "kind">,
  ...script: readonly ScriptStep[]
): ScriptedProbe {
  let steps: ScriptStep[] = script.length === 0 ? ["OK"] : [...script];
  let runs = 0;
  let running = 0;
  let maxRunning = 0;
  let hanging: (() => void)[] = [];

  async function check(): Promise<unknown> {
    const step = (steps.length > 1 ? steps.shift() : steps[0]) as ScriptStep;
    runs++;
    running++;
    maxRunning = Math.max(maxRunning, running);
    try {
      if (step === "HANG") await new Promise<void>((resolve) => hanging.push(resolve));
      if (step === "ERROR") throw new Error("scripted to fail");
      return step === "DEGRADED" ? { status: "DEGRADED", reason: "scripted to be slow" } : undefined;
    } finally {
      running--;
    }
  }

  return {
    probe: { ...settings, check },
    get runs() {
      return runs;
    },
    get running() {
      return running;
    },
    get maxRunning() {
      return maxRunning;
    },
    play(...next) {
      if (next.length > 0) steps = [...next];
    },
    release() {
      for (const resolve of hanging) resolve();
      hanging = [];
    },
  };
}
