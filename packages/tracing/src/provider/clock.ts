import type { TimeInput } from "@opentelemetry/api";

// The monotonic clock and the wall clock drift apart (NTP, sleep): their distance is looked up every second.
const REFRESH_MS = 1_000;
let offsetMs = 0;
let refreshedAt = Number.NEGATIVE_INFINITY;

/** Milliseconds since 1970 at `monotonicMs`, finer than `Date.now()` tells. */
export function wallMs(monotonicMs: number): number {
  if (monotonicMs - refreshedAt > REFRESH_MS) {
    offsetMs = Date.now() - monotonicMs;
    refreshedAt = monotonicMs;
  }
  return monotonicMs + offsetMs;
}

/** A time as OpenTelemetry's API takes it, in milliseconds since 1970. */
export function toWallMs(time: TimeInput): number {
  if (Array.isArray(time)) return time[0] * 1_000 + time[1] / 1e6;
  if (time instanceof Date) return time.getTime();
  // A small number is one of performance.now() (API: TimeInput).
  const now = performance.now();
  return (time as number) <= now ? wallMs(now) - (now - (time as number)) : (time as number);
}
