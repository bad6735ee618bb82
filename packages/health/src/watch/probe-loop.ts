import type { AwakeClock } from "./awake-clock.ts";
import type { Clock } from "./clock.ts";
import type { TextRedactor } from "./error-text.ts";
import type { ResolvedProbe } from "./probe.ts";
import { type Outcome, type Run, startRun } from "./run.ts";

/** A run that does not end is given up after this many time-outs, and its place is free again. */
const GIVE_UP_TIMEOUTS = 10;
/**
 * With each given up that has not ended since, the next is waited for twice as long, up to this: what hangs must not
 * pile up, and must be found well again. At worst 24 runs a day stay behind.
 */
const RETRY_MAX_MS = 3_600_000;
/** A process that stands still in each run must hear of what fails all the same. */
const EXCUSED_MAX = 3;
/**
 * How soon a critical probe that has not been well since the start is asked again, twice as late each time: a connection
 * that is still being made must not keep the service out of the balancer for an interval.
 */
const START_RETRY_MS = 100;
const JITTER = 0.1;
const SPREAD_MAX_MS = 10_000;

/** Hears how each run ended, and how many have been given up so far. */
export type TellOutcome = (outcome: Outcome, abandoned: number) => void;

/** Runs one probe again and again, in the background, never twice at once. */
export class ProbeLoop {
  readonly #probe: ResolvedProbe;
  readonly #clock: Clock;
  readonly #awake: AwakeClock;
  readonly #redactor: TextRedactor;
  readonly #tell: TellOutcome;
  #run: Run | undefined;
  /** Runs given up that have not ended. */
  #hanging = 0;
  #abandoned = 0;
  #nextTryAt = 0;
  /** Runs in a row that were left out because the process stood still in them. */
  #excused = 0;
  /** Good runs that a critical probe needs to be well for the first time; 0 from then on. */
  #goodRunsWanted: number;
  #retryMs = START_RETRY_MS;
  /** The run under way stands between two of the interval: it is told only where it ends well. */
  #between = false;
  #stopped = false;
  #callOff: () => void = () => {};
  #callOffRetry: () => void = () => {};

  constructor(
    probe: ResolvedProbe,
    clock: Clock,
    awake: AwakeClock,
    redactor: TextRedactor,
    tell: TellOutcome,
  ) {
    this.#probe = probe;
    this.#clock = clock;
    this.#awake = awake;
    this.#redactor = redactor;
    this.#tell = tell;
    this.#goodRunsWanted = probe.critical ? 1 : 0;
  }

  /** Has the first run begin `delayMs` from now, and the second `secondAfterMs` after it. */
  start(delayMs: number, secondAfterMs: number): void {
    this.#callOff = this.#clock.after(delayMs, () => this.#tick(secondAfterMs));
  }

  /** No run starts any more; one under way is aborted and not told of. */
  stop(): void {
    this.#stopped = true;
    this.#callOff();
    this.#callOffRetry();
    this.#run?.cancel();
    this.#run = undefined;
  }

  #tick(nextAfterMs: number): void {
    this.#callOff = this.#clock.after(nextAfterMs, () =>
      this.#tick(this.#probe.intervalMs * (1 + JITTER * this.#clock.random())),
    );
    const now = this.#awake.now();
    this.#between = false;
    if (this.#run === undefined) {
      if (now >= this.#nextTryAt) this.#begin();
      else this.#renewTimeout(0);
      return;
    }
    // The process stood still, and this tick with it: the run still has its time.
    if (!this.#run.late) return;
    const waitedMs = now - this.#run.startedAt;
    if (waitedMs < GIVE_UP_TIMEOUTS * this.#probe.timeoutMs && this.#excused === 0) {
      this.#renewTimeout(waitedMs);
      return;
    }
    this.#giveUp(this.#run);
    if (now >= this.#nextTryAt) this.#begin();
    else this.#renewTimeout(waitedMs);
  }

  #giveUp(run: Run): void {
    this.#run = undefined;
    this.#abandoned++;
    this.#hanging++;
    // What may have been answered while the process stood still is asked again at once.
    if (this.#excused > 0) return;
    const pauseMs = GIVE_UP_TIMEOUTS * this.#probe.timeoutMs * 2 ** (this.#hanging - 1);
    this.#nextTryAt = run.startedAt + Math.min(RETRY_MAX_MS, pauseMs);
  }

  // The dependency still hangs, and that is news as fresh as a new run's.
  #renewTimeout(waitedMs: number): void {
    const waiting = this.#hanging + (this.#run === undefined ? 0 : 1);
    const outcome: Outcome = {
      status: "TIMEOUT",
      durationMs: Math.max(waitedMs, this.#probe.timeoutMs),
      fault: { code: "TIMEOUT", text: `earlier runs still wait for their answer: ${waiting}` },
      renewed: true,
    };
    this.#tell(outcome, this.#abandoned);
  }

  #begin(): void {
    const absences = this.#awake.absences();
    const run = startRun(this.#probe, this.#awake, this.#redactor, {
      onOutcome: (outcome) => this.#take(outcome, absences),
      onSettled: () => this.#settled(run),
    });
    this.#run = run;
  }

  // What failed while the process stood still may have answered in time: it is asked again before it is accused.
  #take(outcome: Outcome, absences: number): void {
    const excused =
      outcome.status !== "OK" && this.#excused < EXCUSED_MAX && this.#awake.absences() !== absences;
    if (!excused) {
      this.#excused = 0;
      const failed = outcome.status === "ERROR" || outcome.status === "TIMEOUT";
      // What fails while it starts is accused no sooner than at its interval.
      if (!failed || !this.#between) this.#tell(outcome, this.#abandoned);
      this.#between = false;
      if (this.#goodRunsWanted === 0) return;
      this.#goodRunsWanted = failed ? this.#probe.recoverAfter : this.#goodRunsWanted - 1;
      this.#retry();
      return;
    }
    this.#excused++;
    if (this.#run === undefined) this.#beginAgain();
  }

  #settled(run: Run): void {
    if (this.#run === run) {
      this.#run = undefined;
      if (run.late && this.#excused > 0) this.#beginAgain();
      return;
    }
    this.#hanging--;
    this.#nextTryAt = 0;
  }

  #retry(): void {
    const delayMs = this.#retryMs;
    if (this.#goodRunsWanted === 0 || delayMs >= this.#probe.intervalMs) return;
    this.#retryMs *= 2;
    this.#callOffRetry();
    this.#callOffRetry = this.#clock.after(delayMs, () => {
      if (this.#run !== undefined) return this.#retry();
      this.#between = true;
      this.#begin();
    });
  }

  // Not from within the end of a run: a check that fails at once must not recurse.
  #beginAgain(): void {
    this.#clock.after(0, () => {
      if (this.#run === undefined && !this.#stopped) this.#begin();
    });
  }
}

/** When a probe's first two runs begin, in milliseconds: from now, and after the first. */
export interface FirstRuns {
  readonly delayMs: number;
  readonly secondAfterMs: number;
}

/**
 * Critical probes run at once, as readiness waits for them, and a second time somewhere within their interval; the
 * others' first runs are spread over the interval (10 s at most). So neither the probes of an instance nor the
 * instances of a deployment go on asking together.
 */
export function firstRuns(probes: readonly ResolvedProbe[], random: () => number): FirstRuns[] {
  const others = probes.filter((probe) => !probe.critical);
  return probes.map((probe) => {
    const { critical, intervalMs, timeoutMs } = probe;
    if (critical) return { delayMs: 0, secondAfterMs: intervalMs - random() * (intervalMs - timeoutMs) };
    const spreadMs = Math.min(intervalMs, SPREAD_MAX_MS);
    const place = others.indexOf(probe);
    return {
      delayMs: ((place + random()) / others.length) * spreadMs,
      secondAfterMs: intervalMs * (1 + JITTER * random()),
    };
  });
}
