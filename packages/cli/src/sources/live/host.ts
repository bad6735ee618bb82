import { BlockList, isIP } from "node:net";

// What ends a host in a URL, or is decoded in it: a host that holds one of these names another than it shows.
const NO_HOST = /[\s/\\?#@%]/;

// ::ffff:0:0/96 (RFC 4291, 2.5.5.2) as the URL parser writes it.
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * A host as all its spellings agree on it (WHATWG URL): lower case, brackets, zone and last dot off, names in
 * Punycode, IPv4 as four decimal numbers, also where it was one number, hexadecimal or mapped into IPv6.
 *
 * @returns null when the text is no host
 */
export function canonicalHost(text: string): string | null {
  const bare = text.replace(/^\[(.*)\]$/, "$1").replace(/^([^%]*:[^%]*)%.*$/, "$1");
  if (bare === "" || NO_HOST.test(bare)) return null;
  const url = URL.parse(`http://${isIP(bare) === 6 ? `[${bare}]` : bare}/`);
  if (url === null || (bare.includes(":") && isIP(bare) !== 6)) return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  const [, high, low] = MAPPED.exec(host) ?? [];
  if (high !== undefined && low !== undefined)
    return dotted(Number.parseInt(high, 16), Number.parseInt(low, 16));
  return host === "" || host.split(".").includes("") ? null : host;
}

const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");

const LOOPBACK = ranges(["127.0.0.0/8", "::1/128"]);
const PRIVATE = ranges([
  "10.0.0.0/8", // RFC 1918
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fe80::/10", // link-local, RFC 4291
  "fc00::/7", // RFC 4193
]);
// Where a cloud tells a machine of itself, its credentials among it: AWS, Azure and others, Google.
const METADATA = ranges(["169.254.0.0/16", "fd00:ec2::/32", "fd20:ce::254/128"]);
const METADATA_NAME = /^(?:metadata(?:\.(?:google|azure)\.internal)?|instance-data(?:\.ec2\.internal)?)$/;
const INSIDE_SUFFIXES = [".local", ".internal", ".svc", ".localhost"];

/** Whether a host, however it is written, is this machine. */
export function isLoopback(text: string): boolean {
  const host = canonicalHost(text);
  return host !== null && (host === "localhost" || holds(LOOPBACK, host));
}

/**
 * Whether a host is of this house: loopback, private (RFC 1918, RFC 4193, link-local in IPv6), a name of one label,
 * or one that ends in `.svc`, `.local`, `.internal` or `.localhost`, and no cloud's metadata. Hosts of others are never
 * asked unasked.
 */
export function isInside(text: string): boolean {
  const host = canonicalHost(text);
  if (host === null || METADATA_NAME.test(host) || holds(METADATA, host)) return false;
  if (isIP(host) !== 0) return holds(LOOPBACK, host) || holds(PRIVATE, host);
  return !host.includes(".") || INSIDE_SUFFIXES.some((suffix) => host.endsWith(suffix));
}

/** The addresses of ranges such as `10.0.0.0/8`. */
export function ranges(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = "", bits] = text.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

/** Whether a host, as {@link canonicalHost} gives it, is an address in one of the ranges. */
export function holds(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? "ipv6" : "ipv4");
}
