import type { IncomingMessage } from "node:http";
import { isLoopbackAddress } from "../text/local-address.ts";

/**
 * What the command sends in place of the user's key, in the header `whodunit-signature`:
 *
 *     <when it expires, in ms since 1970, base 36> "." <"r": to read | "w": to read and change> 1*8( "." <MAC> )
 *
 * Each MAC is the HMAC-SHA256, in base64url, by one key for one address, of the lines
 *
 *     "whodunit-signature-v1" LF <expiry> LF <"r" | "w"> LF <Host header> LF <address> LF <port>
 *
 * The address and port are those of the connection, as both ends see them: whoever passes a request on, a proxy or a
 * service that was asked by mistake, has another connection, and the signature is worth nothing there. All loopback
 * addresses are the word `loopback`; an IPv4-mapped address is written as IPv4; a zone is left out.
 */
export const SIGNATURE_HEADER = "whodunit-signature";

const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

/** The longest that a signature is good for: `whodunit token` makes such ones. The command's own last a minute. */
const LIFETIME_MAX_MS = 600_000;
// Of the clock between signing and asking, on one machine.
const SKEW_MS = 5_000;
const SHAPE = /^([0-9a-z]{1,11})\.([rw])((?:\.[\w-]{43}){1,8})$/;
const READING = new Set(["GET", "HEAD"]);

/** A signature's lines. */
export interface SignedClaim {
  /** In base 36. */
  readonly expiry: string;
  readonly use: string;
  /** The Host header. */
  readonly host: string;
  /** As the connection's socket has it. */
  readonly address: string;
  readonly port: number;
}

/** The MAC of a claim by a key, in base64url. */
export function macOf(key: Buffer, { expiry, use, host, address, port }: SignedClaim): string {
  const lines = ["whodunit-signature-v1", expiry, use, host.toLowerCase(), canonical(address), port];
  return crypto().createHmac("sha256", key).update(lines.join("\n")).digest("base64url");
}

/** Whether a request bears a signature by `key` for this very connection, host and use that has not expired. */
export function isSigned(request: IncomingMessage, key: Buffer, nowMs: number = Date.now()): boolean {
  const header = request.headers[SIGNATURE_HEADER];
  const parts = typeof header === "string" && header.length <= 512 ? SHAPE.exec(header) : null;
  if (parts === null) return false;
  const [, expiry = "", use = "", macs = ""] = parts;
  const leftMs = Number.parseInt(expiry, 36) - nowMs;
  if (leftMs <= 0 || leftMs > LIFETIME_MAX_MS + SKEW_MS) return false;
  if (use === "r" && !READING.has(request.method ?? "")) return false;
  const host = request.headers.host ?? request.headers[":authority"];
  const { localAddress: address, localPort: port } = request.socket;
  if (typeof host !== "string" || address === undefined || port === undefined) return false;
  const expected = Buffer.from(macOf(key, { expiry, use, host, address, port }));
  let signed = false;
  // All of them, whichever fits: the time tells nothing.
  for (const mac of macs.slice(1).split(".")) {
    if (crypto().timingSafeEqual(Buffer.from(mac), expected)) signed = true;
  }
  return signed;
}

/** Whether a request bears something in the header of signatures. */
export function bearsSignature(request: IncomingMessage): boolean {
  return request.headers[SIGNATURE_HEADER] !== undefined;
}

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

function canonical(address: string): string {
  if (isLoopbackAddress(address)) return "loopback";
  return address.replace(/%.*$/, "").replace(MAPPED, "").toLowerCase();
}
