import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isLoopback } from "./host.ts";

/** The addresses behind a host, each an instance to be asked; undefined stands for the one that Node picks. */
export type ResolveHost = (hostname: string) => Promise<readonly (string | undefined)[]>;

// A name of many addresses (a headless service) is a handful of instances, not a scan.
const MAX_ADDRESSES = 32;

/** Looks a host up. One of one address, an address itself and a host that is not found are left to Node. */
export async function resolveHost(hostname: string): Promise<readonly (string | undefined)[]> {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 || isLoopback(host)) return [undefined];
  try {
    const all = await lookup(host, { all: true });
    // One family only: the two addresses of a dual-stack host are one instance.
    const family = all.some((one) => one.family === 4) ? 4 : 6;
    const addresses = all.filter((one) => one.family === family).map(({ address }) => address);
    return addresses.length > 1 ? addresses.slice(0, MAX_ADDRESSES) : [undefined];
  } catch {
    return [undefined]; // Asking it will say the same, with the service's name.
  }
}

/** A service's address as a reader would write it, and which of its host's addresses was asked, where it has several. */
export function addressText(url: URL, address: string | undefined): string {
  return url.href.replace(/\/$/, "") + (address === undefined ? "" : ` at ${address}`);
}
