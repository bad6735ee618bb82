import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { portOf } from "./address.ts";
import { canonicalHost, holds, ranges } from "./host.ts";

/** Whether a found address is one of those that a pattern names. */
export type FollowPattern = (url: URL) => boolean;

/**
 * Reads which found hosts are ours and may get the token:
 *
 * - names: `web.internal`, `*.internal`, `web-*.prod.svc`; a `*` stays within its label, and `.internal` is every
 *   name below `internal`, at any depth
 * - addresses: `10.0.0.7`, `10.0.*`, `10.0.0.0/16`, `fd00::/8`; they fit addresses alone, never a name that begins so
 *
 * each with a port, `10.0.*:3000` or `[fd00::1]:3000`, or with every port.
 *
 * @throws TypeError that says what is wrong with the pattern
 */
export function followPattern(pattern: string): FollowPattern {
  const wrong = (want: string): TypeError => new TypeError(`"${pattern}" is no pattern of hosts: ${want}`);
  const parts = /^(?:\[([^\]]*)\]|([^:]*)|([^[\]]*:[^[\]]*:[^[\]]*?))(?::(\d{1,5}))?$/.exec(pattern.trim());
  if (parts === null) throw wrong("want a host and at most a port, such as *.internal:3000");
  const host = (parts[1] ?? parts[2] ?? parts[3] ?? "").toLowerCase();
  const port = parts[4] === undefined ? null : Number(parts[4]);
  if (/[\s\\?#@%]|\/\D/.test(host) || host === "") throw wrong("want a host alone, no scheme, user or path");
  const fits = isAddressPattern(host) ? addressPattern(host, wrong) : namePattern(host, wrong);
  return (url) => {
    const found = canonicalHost(url.hostname);
    return found !== null && (port === null || port === portOf(url)) && fits(found);
  };
}

type HostPattern = (host: string) => boolean;
type Wrong = (want: string) => TypeError;

// A host whose last label is a number is an address (WHATWG URL, "ends in a number"); so is one of numbers and stars.
function isAddressPattern(host: string): boolean {
  if (host.includes(":") || host.includes("/")) return true;
  const labels = host.replace(/\.$/, "").split(".");
  return (
    /^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!) ||
    (/\d/.test(host) && labels.every((label) => /^(?:\d+|\*)$/.test(label)))
  );
}

function addressPattern(host: string, wrong: Wrong): HostPattern {
  const [address = "", bits] = host.split("/");
  const family = isIP(address);
  if (bits !== undefined) {
    const most = family === 6 ? 128 : 32;
    if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
      throw wrong("want a range such as 10.0.0.0/16 or fd00::/8");
    const range = ranges([host]);
    return (found) => holds(range, found);
  }
  if (family !== 0) {
    const own = canonicalHost(address);
    return (found) => found === own;
  }
  const octets = address.split(".");
  const isOctet = (text: string): boolean =>
    text === "*" || (/^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) < 256);
  if (octets.length > 4 || !octets.every(isOctet) || (octets.length < 4 && octets.at(-1) !== "*"))
    throw wrong("want four numbers from 0 to 255, or fewer and a * for the rest, such as 10.0.*");
  return (found) => {
    if (isIP(found) !== 4) return false;
    const own = found.split(".");
    return octets.every((octet, i) => octet === "*" || octet === own[i]);
  };
}

function namePattern(host: string, wrong: Wrong): HostPattern {
  const below = host.startsWith(".");
  const labels = host.replace(/^\./, "").replace(/\.$/, "").split(".").map(asciiLabel);
  if (labels.some((label) => label === null)) throw wrong("want labels of letters, digits, -, _ and *");
  const regexes = labels.map((label) => new RegExp(`^${label!.replaceAll("*", "[^.]*")}$`));
  return (found) => {
    if (isIP(found) !== 0) return false;
    const own = found.split(".");
    if (below ? own.length <= regexes.length : own.length !== regexes.length) return false;
    return own.slice(-regexes.length).every((label, i) => regexes[i]!.test(label));
  };
}

// A label may be written with letters of any script; with a star in it there is nothing to encode.
function asciiLabel(label: string): string | null {
  const ascii = label.includes("*") ? label : domainToASCII(label);
  return /^[a-z\d_*-]+$/.test(ascii) ? ascii : null;
}
