import type { BlockList } from "node:net";

// Loaded when an address is looked at, not by those who import this package for something else.
const net = (): typeof import("node:net") => process.getBuiltinModule("node:net");

type Subnet = readonly [address: string, prefix: number, family: "ipv4" | "ipv6"];

const LOOPBACK: readonly Subnet[] = [
  ["127.0.0.0", 8, "ipv4"],
  ["::1", 128, "ipv6"],
];
// RFC 1918, RFC 4193, and what is link-local by RFC 4291. Not what is by RFC 3927: there clouds answer with a machine's
// credentials.
const PRIVATE: readonly Subnet[] = [
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
];

// What a cloud tells its machines: AWS (fd00:ec2::254 and others), Google (fd20:ce::254), and on names of theirs.
const METADATA: readonly Subnet[] = [
  ["169.254.0.0", 16, "ipv4"],
  ["fd00:ec2::", 32, "ipv6"],
  ["fd20:ce::254", 128, "ipv6"],
];
const METADATA_NAME = /^(?:metadata(?:\.(?:google|azure)\.internal)?|instance-data(?:\.ec2\.internal)?)$/;

let loopback: BlockList | undefined;
let metadata: BlockList | undefined;
let privates: BlockList | undefined;

/**
 * Whether `address` is one of this machine's own: 127.0.0.0/8 or ::1, in any spelling of IPv6, IPv4-mapped ones too,
 * with or without brackets and a zone. A name is no address.
 */
export function isLoopbackAddress(address: string): boolean {
  loopback ??= listOf(LOOPBACK);
  return contains(loopback, address);
}

/**
 * Whether `address` is private, or link-local in IPv6, and no cloud's metadata; spelled as {@link isLoopbackAddress} takes
 * it.
 */
export function isPrivateAddress(address: string): boolean {
  privates ??= listOf(PRIVATE);
  return contains(privates, address) && !isCloudMetadata(address);
}

/** Whether a host, in lower case, is where a cloud tells a machine of itself, its credentials among it. */
export function isCloudMetadata(host: string): boolean {
  metadata ??= listOf(METADATA);
  return METADATA_NAME.test(host) || contains(metadata, host);
}

function listOf(subnets: readonly Subnet[]): BlockList {
  const list = new (net().BlockList)();
  for (const subnet of subnets) list.addSubnet(...subnet);
  return list;
}

function contains(list: BlockList, text: string): boolean {
  const address = bare(text);
  const family = net().isIP(address);
  // An IPv4-mapped IPv6 address is checked by the rules of IPv4, too.
  return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
}

function bare(text: string): string {
  const inner = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const zone = inner.indexOf("%");
  return zone === -1 ? inner : inner.slice(0, zone);
}
