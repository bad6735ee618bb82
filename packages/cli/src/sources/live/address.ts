import { isIP } from "node:net";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/;

/** Whether a host, as written in a URL or without brackets, is this machine. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname.toLowerCase().replace(/^\[|\]$/g, ""));
}

/** `host:port` as a key: lower case, brackets off, every way to write loopback the same. */
export function addressKey(host: string, port: string | number): string {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  return `${LOOPBACK.test(name) ? "loopback" : name}:${port}`;
}

/** The key of a URL, its scheme's port filled in. */
export function urlKey(url: URL): string {
  return addressKey(url.hostname, url.port || (url.protocol === "https:" ? 443 : 80));
}

/** The key of a service's base URL. Behind a gateway several services share a host: the path is part of where they are. */
export function serviceKey(url: URL): string {
  return urlKey(url) + url.pathname.slice(0, -1);
}

/** The key of a client series' peer; null when the peer is a span's name and no `host:port`. */
export function peerKey(peer: string): string | null {
  const parts = /^(\[[0-9a-f:.]+\]|[^\s:/]+):(\d{1,5})$/i.exec(peer);
  return parts === null ? null : addressKey(parts[1]!, parts[2]!);
}

/** The URL at which a peer may answer; null when the peer is no address. */
export function peerUrl(peer: string): URL | null {
  if (peerKey(peer) === null) return null;
  const scheme = peer.endsWith(":443") ? "https" : "http";
  return URL.canParse(`${scheme}://${peer}/`) ? new URL(`${scheme}://${peer}/`) : null;
}

const INSIDE = /^(?:[^.:]+|.*\.(?:local|internal|svc)|.*\.svc\.[^:]*)$/;

/**
 * Whether an address is of this house: loopback, private (RFC 1918, RFC 4193, link-local), a single label, or
 * a name in `.svc`, `.local`, `.internal`. Addresses of others are never asked unasked.
 */
export function isInside(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, "");
  if (LOOPBACK.test(host)) return true;
  if (isIP(host) === 4) return /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host);
  if (isIP(host) === 6) return /^(?:f[cd]|fe[89ab])/.test(host);
  return INSIDE.test(host);
}

/** Whether `host:port`, or the host alone, fits a pattern in which `*` stands for any characters. */
export function fitsPattern(url: URL, pattern: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*");
  const regex = new RegExp(`^${source}$`);
  return regex.test(url.hostname.toLowerCase()) || regex.test(url.host.toLowerCase());
}
