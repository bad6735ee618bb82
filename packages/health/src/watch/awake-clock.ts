import type { Clock } from "./clock.ts";

/** A time in which this process ran nothing: its event loop was blocked, or it was stopped or asleep. */
export interface Standstill {
  /** How long at least, in milliseconds. */
  readonly durationMs: number;
  /** When it was over, in milliseconds since 1970. */
  readonly endedAt: number;
  /** `asleep`: the machine was suspended; `blocked`: it went on without this process. */
  readonly cause: "blocked" | "asleep";
}

const BEAT_MAX_MS = 500;
const BEAT_MIN_MS = 25;
/** Shorter ones are left out of the time that counts, but are not worth a word. */
const TOLD_FROM_MS = 1_000;

/**
 * The time in which this process was awake. What stands still hears no answer, so its own absence must not be held
 * against those it asks: time-outs and staleness are counted on this clock. It notices an absence by a beat that is
 * late, and looks more closely while something is timed.
 */
export class AwakeClock {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #timingMs: number;
  readonly #tell: (standstill: Standstill) => void;
  #beatMs: number;
  #timed = 0;
  /** What of the clock's time does not count. */
  #absentMs = 0;
  #absences = 0;
  /** When the next beat is due, and from when on it is so late that the process must have stood still. */
  #dueAt = Number.POSITIVE_INFINITY;
  #lateAt = Number.POSITIVE_INFINITY;
  #wallAhead: number;
  #uptimeAhead: number;
  #callOff: () => void = () => {};

  /**
   * @param shortestMs the shortest time-out and the shortest interval that are counted on it; in the one an absence of
   * half its length (50 ms at least) is always seen, in the other one of 1 s
   * @param tell hears of each standstill of a second or more, when it is over
   */
  constructor(
    clock: Clock,
    shortestMs: { readonly timeout: number; readonly interval: number },
    tell: (standstill: Standstill) => void,
  ) {
    this.#clock = clock;
    this.#timingMs = Math.min(BEAT_MAX_MS, Math.max(BEAT_MIN_MS, shortestMs.timeout / 4));
    // A clock of no machine stands where it is told to; no need to look after it all the time.
    this.#idleMs = clock.uptime === undefined ? Math.max(this.#timingMs, shortestMs.interval) : BEAT_MAX_MS;
    this.#beatMs = this.#idleMs;
    this.#tell = tell;
    this.#wallAhead = clock.wall() - clock.now();
    this.#uptimeAhead = this.#readUptime(clock.now());
    this.#beat();
  }

  /** Milliseconds in which the process was awake; the difference of two readings is what counts. */
  now(): number {
    const now = this.#clock.now();
    if (now >= this.#lateAt) this.#notice(now);
    return now - this.#absentMs;
  }

  /** How often the process stood still so far. Another number than before: it did in between. */
  absences(): number {
    const now = this.#clock.now();
    if (now >= this.#lateAt) this.#notice(now);
    this.#lookForSleep(now);
    return this.#absences;
  }

  /** Something begins that is timed on this clock. The returned function says that it has ended. */
  time(): () => void {
    if (this.#timed++ === 0) this.#setBeat(this.#timingMs);
    let open = true;
    return () => {
      if (open && --this.#timed === 0) this.#setBeat(this.#idleMs);
      open = false;
    };
  }

  /** Calls back once `delayMs` have passed in which the process was awake. The returned function calls it off. */
  after(delayMs: number, callback: () => void): () => void {
    const dueAt = this.now() + delayMs;
    const wait = (ms: number): (() => void) =>
      this.#clock.after(ms, () => {
        const restMs = dueAt - this.now();
        // A timer of Node may fire up to 1 ms early.
        if (restMs > 1) callOff = wait(restMs);
        else callback();
      });
    let callOff = wait(delayMs);
    return () => callOff();
  }

  /** No beat is waited for any more: all time counts from here on. */
  stop(): void {
    this.#callOff();
    this.#beatMs = 0;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#lateAt = Number.POSITIVE_INFINITY;
  }

  #setBeat(beatMs: number): void {
    if (this.#beatMs === 0 || this.#beatMs === beatMs) return;
    this.#beatMs = beatMs;
    this.#callOff();
    this.#beat();
  }

  #beat(): void {
    const now = this.#clock.now();
    if (now >= this.#lateAt) this.#notice(now);
    this.#lookForSleep(now);
    this.#expectBeat(now);
    this.#callOff = this.#clock.after(this.#beatMs, () => this.#beat());
  }

  #expectBeat(now: number): void {
    this.#dueAt = now + this.#beatMs;
    this.#lateAt = this.#dueAt + Math.min(this.#beatMs, BEAT_MAX_MS);
  }

  #notice(now: number): void {
    const durationMs = now - this.#dueAt;
    this.#absentMs += durationMs;
    this.#expectBeat(now);
    this.#absent(durationMs, "blocked");
  }

  // Linux stops the monotonic clock while the machine sleeps: only the time since its start tells. It is read when
  // the wall clock has gone ahead, which it does too when somebody sets it.
  #lookForSleep(now: number): void {
    if (this.#clock.uptime === undefined) return;
    const wallAhead = this.#clock.wall() - now;
    const wentAhead = wallAhead - this.#wallAhead >= TOLD_FROM_MS;
    this.#wallAhead = wallAhead;
    if (!wentAhead) return;
    const uptimeAhead = this.#readUptime(now);
    const durationMs = uptimeAhead - this.#uptimeAhead;
    this.#uptimeAhead = uptimeAhead;
    if (durationMs >= TOLD_FROM_MS) this.#absent(durationMs, "asleep");
  }

  #readUptime(now: number): number {
    return (this.#clock.uptime?.() ?? 0) - now;
  }

  #absent(durationMs: number, cause: Standstill["cause"]): void {
    this.#absences++;
    if (durationMs < TOLD_FROM_MS) return;
    this.#tell({ durationMs: Math.round(durationMs), endedAt: this.#clock.wall(), cause });
  }
}
