import type { BlockList } from "node:net";

// Loaded when an address is looked at, not by those who import this package for something else.
const net = (): typeof import("node:net") => process.getBuiltinModule("node:net");

type Subnet = readonly [address: string, prefix: number, family: "ipv4" | "ipv6"];

const LOOPBACK: readonly Subnet[] = [
  ["127.0.0.0", 8, "ipv4"],
  ["::1", 128, "ipv6"],
];
// RFC 1918, RFC 4193, and what is link-local by RFC 3927 and RFC 4291.
const PRIVATE: readonly Subnet[] = [
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
];

let loopback: BlockList | undefined;
let privates: BlockList | undefined;

/**
 * Whether `address` is one of this machine's own: 127.0.0.0/8 or ::1, in any spelling of IPv6, IPv4-mapped ones too,
 * with or without brackets and a zone. A name is no address.
 */
export function isLoopbackAddress(address: string): boolean {
  loopback ??= listOf(LOOPBACK);
  return contains(loopback, address);
}

/** Whether `address` is private or link-local; spelled as {@link isLoopbackAddress} takes it. */
export function isPrivateAddress(address: string): boolean {
  privates ??= listOf(PRIVATE);
  return contains(privates, address);
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
