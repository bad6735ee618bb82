import type { Redactor } from "@whodunit/redaction";
import type { Clock } from "./clock.ts";
import type { ResolvedProbe } from "./probe.ts";
import { type Outcome, type Run, startRun } from "./run.ts";

/** A run is given up after this many time-outs, and its place is free again. */
const ABANDON_AFTER_TIMEOUTS = 10;
/** With this many given up and still not ended, no new run starts: a probe must not pile up what hangs. */
const ABANDONED_MAX = 2;
const JITTER = 0.1;
const SPREAD_MAX_MS = 10_000;

/** Runs one probe again and again, in the background, never twice at once. */
export class ProbeLoop {
  readonly #probe: ResolvedProbe;
  readonly #clock: Clock;
  readonly #redactor: Redactor;
  readonly #tell: (outcome: Outcome, abandoned: number) => void;
  #run: Run | undefined;
  #abandoned = 0;
  #abandonedEver = 0;
  #callOff: () => void = () => {};

  constructor(
    probe: ResolvedProbe,
    clock: Clock,
    redactor: Redactor,
    tell: (outcome: Outcome, abandoned: number) => void,
  ) {
    this.#probe = probe;
    this.#clock = clock;
    this.#redactor = redactor;
    this.#tell = tell;
  }

  start(delayMs: number): void {
    this.#callOff = this.#clock.after(delayMs, () => this.#tick());
  }

  /** No run starts any more; one under way is aborted and not told of. */
  stop(): void {
    this.#callOff();
    this.#run?.cancel();
    this.#run = undefined;
  }

  #tick(): void {
    this.start(this.#probe.intervalMs * (1 + JITTER * this.#clock.random()));
    const waitedMs = this.#run === undefined ? 0 : this.#clock.now() - this.#run.startedAt;
    if (waitedMs >= ABANDON_AFTER_TIMEOUTS * this.#probe.timeoutMs) this.#giveUp();
    if (this.#run === undefined && this.#abandoned < ABANDONED_MAX) this.#begin();
    else this.#renewTimeout(waitedMs);
  }

  #giveUp(): void {
    this.#run = undefined;
    this.#abandoned++;
    this.#abandonedEver++;
  }

  // The dependency still hangs, and that is news as fresh as a new run's.
  #renewTimeout(waitedMs: number): void {
    const { timeoutMs } = this.#probe;
    const text = `an earlier run still waits for its answer; ${this.#abandonedEver} given up`;
    const outcome: Outcome = {
      status: "TIMEOUT",
      durationMs: Math.max(waitedMs, timeoutMs),
      fault: { code: "TIMEOUT", text },
      renewed: true,
    };
    this.#tell(outcome, this.#abandonedEver);
  }

  #begin(): void {
    const run = startRun(this.#probe, this.#clock, this.#redactor, {
      onOutcome: (outcome) => this.#tell(outcome, this.#abandonedEver),
      onSettled: () => {
        if (this.#run === run) this.#run = undefined;
        else this.#abandoned--;
      },
    });
    this.#run = run;
  }
}

/**
 * When each probe runs first, in milliseconds from now: spread over the interval (10 s at most), so that neither
 * the probes of an instance nor the instances of a deployment ask together. Critical ones come first, as
 * readiness waits for them.
 */
export function firstDelays(probes: readonly ResolvedProbe[], random: () => number): number[] {
  const order = probes.map((_, index) => index).sort((a, b) => rank(probes[a]) - rank(probes[b]) || a - b);
  const delays = new Array<number>(probes.length).fill(0);
  for (const [place, index] of order.entries()) {
    const spreadMs = Math.min((probes[index] as ResolvedProbe).intervalMs, SPREAD_MAX_MS);
    delays[index] = ((place + random()) / probes.length) * spreadMs;
  }
  return delays;
}

const rank = (probe: ResolvedProbe | undefined): number => (probe?.critical === true ? 0 : 1);
