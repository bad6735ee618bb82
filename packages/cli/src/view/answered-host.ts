import { isIP } from "node:net";
import { canonicalHost, isInside, isLoopback } from "../sources/live/host.ts";

/**
 * Whether a request's Host header names this receiver. A page elsewhere may point a name of its own here (DNS
 * rebinding) and read what is here with it. So on loopback only loopback's names are answered; else addresses,
 * which no page can own, names of the house, which it cannot either, and the very name listened on.
 *
 * @param bound the host listened on
 */
export function isAnsweredHost(header: string | undefined, bound: string): boolean {
  const host = canonicalHost(header?.replace(/:\d{0,5}$/, "") ?? "");
  if (host === null) return false;
  if (isLoopback(host)) return true;
  return !isLoopback(bound) && (isIP(host) !== 0 || isInside(host) || host === canonicalHost(bound));
}
