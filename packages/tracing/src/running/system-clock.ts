import type { TimeInput } from "@opentelemetry/api";

/** Where spans and traffic take their times from. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /** The moment `monotonicMs` in milliseconds since 1970. */
  wallMs(monotonicMs: number): number;
}

// The monotonic clock and the wall clock drift apart (NTP, sleep): their distance is looked up every second.
const REFRESH_MS = 1_000;

/** The system's clocks: finer than `Date.now()` tells, and not thrown back within a span. */
export class SystemClock implements Clock {
  #offsetMs = 0;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  monotonicMs(): number {
    return performance.now();
  }

  wallMs(monotonicMs: number): number {
    if (monotonicMs - this.#refreshedAt > REFRESH_MS) {
      this.#offsetMs = Date.now() - performance.now();
      this.#refreshedAt = monotonicMs;
    }
    return monotonicMs + this.#offsetMs;
  }
}

/** A time as OpenTelemetry's API takes it, in milliseconds since 1970; what is no time is now. */
export function toWallMs(time: TimeInput, clock: Clock): number {
  const ms = readMs(time);
  if (!Number.isFinite(ms)) return clock.wallMs(clock.monotonicMs());
  // A small number is one of performance.now() (API: TimeInput).
  return typeof time === "number" && ms <= clock.monotonicMs() ? clock.wallMs(ms) : ms;
}

function readMs(time: TimeInput): number {
  try {
    if (Array.isArray(time)) return time[0] * 1_000 + time[1] / 1e6;
    return time instanceof Date ? time.getTime() : typeof time === "number" ? time : Number.NaN;
  } catch {
    // Symbols, and Proxies that throw.
    return Number.NaN;
  }
}
