import { reportFault } from "./report-fault.ts";

/**
 * The order of a shutdown: say that no more work is wanted and wait for the balancer (`drain`), finish and
 * close the servers (`servers`), stop probing (`probes`), deliver spans (`spans`), deliver lines (`log`).
 */
export type ShutdownPhase = "drain" | "servers" | "probes" | "spans" | "log";

const PHASES: readonly ShutdownPhase[] = ["drain", "servers", "probes", "spans", "log"];
const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const STEP_TIMEOUT_MS = 3_000;
const HURRY_MS = 800;

/** One thing to be closed when the process ends. */
export interface ShutdownStep {
  readonly phase: ShutdownPhase;
  /** For the warning when it fails or takes too long. */
  readonly name: string;
  /**
   * Closes for good. `hurry` is aborted by a second signal, and when `timeoutMs` have passed: waits should end then. What is
   * left undone 160 ms later is left.
   */
  readonly close: (hurry: AbortSignal) => void | Promise<void>;
  /** Delivers what is buffered and goes on working; called where the application handles signals itself. */
  readonly flush?: () => void | Promise<void>;
  /** The longest it may take, in milliseconds. @default 3_000 */
  readonly timeoutMs?: number;
}

interface State {
  steps: Set<ShutdownStep>;
  hurry: AbortController;
  running: Promise<void> | undefined;
  listening: boolean;
}

// One list per process, whatever number of copies of this package is installed.
const STATE = Symbol.for("whodunit.shutdown");
const process_ = globalThis as { [STATE]?: State };
process_[STATE] ??= { steps: new Set(), hurry: new AbortController(), running: undefined, listening: false };
const state = process_[STATE];

/** Puts a step on the process's one shutdown list. Returns the function that takes it off again. */
export function onShutdown(step: ShutdownStep): () => void {
  state.steps.add(step);
  if (!state.listening) {
    state.listening = true;
    // In front, where a handler that listens once is still there to be counted.
    for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  }
  return () => {
    state.steps.delete(step);
    // Without steps a signal is none of our business: Node's default must come back.
    if (state.steps.size === 0 && state.running === undefined) stopListening();
  };
}

/** Runs the list once, phase by phase, the steps of a phase together; every caller gets the same promise. */
export function shutdown(): Promise<void> {
  state.running ??= runPhases();
  return state.running;
}

/** Whether {@link shutdown} has begun. */
export function isShuttingDown(): boolean {
  return state.running !== undefined;
}

async function runPhases(): Promise<void> {
  for (const phase of PHASES) {
    const steps = [...state.steps].filter((step) => step.phase === phase);
    await Promise.all(steps.map(closeStep));
  }
}

async function closeStep(step: ShutdownStep): Promise<void> {
  // Also where its time is over: a step that can say what it leaves undone says so before the process ends.
  const hurry = new AbortController();
  const late = Promise.withResolvers<void>();
  let grace: NodeJS.Timeout | undefined;
  const hurryUp = (): void => {
    grace ??= setTimeout(late.resolve, HURRY_MS / PHASES.length);
    hurry.abort();
  };
  const timer = setTimeout(hurryUp, step.timeoutMs ?? STEP_TIMEOUT_MS);
  const { signal } = state.hurry;
  if (signal.aborted) hurryUp();
  else signal.addEventListener("abort", hurryUp, { once: true });
  try {
    await Promise.race([step.close(hurry.signal), late.promise]);
  } catch (error) {
    reportFault("WHODUNIT_SHUTDOWN_STEP", error, step.name);
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal.removeEventListener("abort", hurryUp);
  }
}

async function flushStep(step: ShutdownStep): Promise<void> {
  try {
    await step.flush?.();
  } catch (error) {
    reportFault("WHODUNIT_SHUTDOWN_FLUSH", error, step.name);
  }
}

function stopListening(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal);
  state.listening = false;
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) {
    // The application handles signals itself: what is buffered goes out, the rest is its call.
    for (const step of state.steps) void flushStep(step);
    return;
  }
  if (state.running !== undefined) {
    state.hurry.abort();
    return;
  }
  const drains = [...state.steps].some((step) => step.phase === "drain" || step.phase === "servers");
  void shutdown().then(() => {
    if (drains) process.exit(0);
    // Nobody asked for an orderly end but us: die of the signal, as without Whodunit.
    stopListening();
    process.kill(process.pid, signal);
  });
}
