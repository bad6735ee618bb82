import { canonicalHost, isLoopback } from "./host.ts";

/** `host:port` as a key: every way to write a host the same, and every way to write loopback. */
export function addressKey(host: string, port: string | number): string {
  return `${isLoopback(host) ? "loopback" : (canonicalHost(host) ?? host.toLowerCase())}:${port}`;
}

/** The port of a URL, its scheme's own filled in. */
export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

/** The key of a URL, its scheme's port filled in. */
export function urlKey(url: URL): string {
  return addressKey(url.hostname, portOf(url));
}

/** The key of a service's base URL. Behind a gateway several services share a host: the path is part of where they are. */
export function serviceKey(url: URL): string {
  return urlKey(url) + url.pathname.slice(0, -1);
}

/** The key of a client series' peer; null when the peer is a span's name and no `host:port`. */
export function peerKey(peer: string): string | null {
  const url = peerUrl(peer);
  return url === null ? null : urlKey(url);
}

const PEER = /^(\[[0-9a-f:.]+\]|[^\s:]+):(\d{1,5})$/i;

/** The URL at which a peer may answer; null when the peer is no address. */
export function peerUrl(peer: string): URL | null {
  const [, host = "", port = ""] = PEER.exec(peer) ?? [];
  // A host with a user, a path or a query before its port would lead elsewhere than it reads.
  if (canonicalHost(host) === null) return null;
  return URL.parse(`${port === "443" ? "https" : "http"}://${host}:${port}/`);
}
