import type { Counting } from "./given.ts";
import { joined, plain, type Said, say } from "./say.ts";

const MAX_ADDRESSES = 3;

/** Where a trace can be looked at. */
export const traceAt = (view: string, traceId: string): Said => say`trace ${traceId} in ${plain(view)}`;

/** A moment of a line or span. */
export const moment = (timeMs: unknown): Said =>
  plain(
    typeof timeMs === "number" && Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : "no time",
  );

/** Where a service's counts are read. */
export function countsAt({ store, receiver }: Counting, addresses: readonly string[]): Said {
  const { url, at } = store ?? receiver ?? {};
  if (url !== undefined) {
    const place = say`${plain(store === undefined ? "spans in" : "in")} ${plain(url.replace(/\/$/, ""))}`;
    return at === undefined ? place : say`${place} at ${plain(at.toISOString())}`;
  }
  if (addresses.length === 0) return say`/debug/traffic of its callers`;
  const more = addresses.length > MAX_ADDRESSES ? say` and ${addresses.length - MAX_ADDRESSES} more` : say``;
  const named = addresses.slice(0, MAX_ADDRESSES).map(plain);
  return say`/debug/traffic of ${joined(named, ", ")}${more}`;
}

/** Where it is read what a service says of its own health. */
export function healthAt(counting: Counting, service: string | null): Said {
  if (counting.urls.length > 0) return say`/health/status of ${service}, or of its callers`;
  return say`health_probe_status of ${service}, ${countsAt(counting, [])}`;
}
