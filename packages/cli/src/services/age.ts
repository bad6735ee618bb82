import type { TrafficDocument } from "../sources/live/traffic-document.ts";

/** How many seconds an instance has lived: one that has just started has no whole window to show. */
export function ageS({ startedAt, now }: TrafficDocument): number {
  const ms = Date.parse(now) - Date.parse(startedAt);
  return ms >= 1_000 ? ms / 1_000 : Number.isNaN(ms) ? Number.POSITIVE_INFINITY : 1;
}
