import { setImmediate } from "node:timers/promises";
import type { Clock } from "./watch/clock.ts";
import type { Probe, ProbeSettings } from "./watch/probe.ts";

/** A clock that stands still until it is told to go on; `random()` is 0, so nothing jitters. */
export interface FakeClock extends Clock {
  /** Lets time pass, calling back what falls due in its order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as an administrator or NTP would. */
  moveWall(ms: number): void;
}

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** Builds a {@link FakeClock} for `createHealth({ clock })`. @param wall where the wall clock starts, in ms since 1970 */
export function createFakeClock(wall: number = Date.UTC(2030, 0, 1)): FakeClock {
  const timers = new Set<Timer>();
  let now = 0;
  let offset = wall;

  return {
    now: () => now,
    wall: () => now + offset,
    random: () => 0,
    after(delayMs, callback) {
      const timer = { dueAt: now + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    moveWall(ms) {
      offset += ms;
    },
    async advance(ms) {
      const end = now + ms;
      for (let timer = nextDue(timers, end); timer !== undefined; timer = nextDue(timers, end)) {
        timers.delete(timer);
        now = Math.max(now, timer.dueAt);
        timer.callback();
        await setImmediate();
      }
      now = end;
      await setImmediate();
    },
  };
}

function nextDue(timers: ReadonlySet<Timer>, end: number): Timer | undefined {
  let next: Timer | undefined;
  for (const timer of timers) {
    if (timer.dueAt <= end && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
  }
  return next;
}

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
