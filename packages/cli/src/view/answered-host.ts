import { isIP } from "node:net";
import { isInside, isLoopback } from "../sources/live/address.ts";

/**
 * Whether a request's Host header names this receiver. A page elsewhere may point a name of its own here (DNS
 * rebinding) and read the traces with it. So on loopback only loopback's names are answered; else addresses,
 * which no page can own, names of the house, which it cannot either, and the very name listened on.
 *
 * @param bound the host listened on
 */
export function isAnsweredHost(header: string | undefined, bound: string): boolean {
  if (header === undefined || !URL.canParse(`http://${header}`)) return false;
  const host = new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (isLoopback(host)) return true;
  return !isLoopback(bound) && (isIP(host) !== 0 || isInside(host) || host === bound.toLowerCase());
}
