import { isIP } from "node:net";
import { checkType, optionError } from "@whodunit/core";

const WITHHELD = "(withheld)";

/**
 * Checks an address to be asked by `fetch`, which refuses user and password in it.
 *
 * @throws TypeError naming the option; the value is withheld, it may hold a password
 */
export function checkUrl(owner: string, url: unknown): URL {
  const parsed = URL.parse(String(url));
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") {
    throw optionError(owner, "url", WITHHELD, "an http(s) URL");
  }
  if (parsed.username === "" && parsed.password === "") return parsed;
  const wanted = "an http(s) URL without user and password: they belong in the header authorization";
  throw optionError(owner, "url", WITHHELD, wanted);
}

/** Checks the headers to be sent. @throws TypeError naming the option; the values are withheld, they may be secret */
export function checkHeaders(owner: string, headers: unknown): void {
  checkType(owner, "headers", headers, "object");
  try {
    new Headers((headers ?? {}) as Record<string, string>);
  } catch {
    throw optionError(owner, "headers", WITHHELD, "names and values that HTTP allows in a header");
  }
}

/** Checks the name of a host to connect to. @throws TypeError naming the option */
export function checkHost(owner: string, option: string, host: unknown): void {
  if (typeof host === "string" && host.length <= 253 && (isIP(host) !== 0 || NAME.test(host))) return;
  const shown = typeof host === "string" && host.includes("@") ? WITHHELD : host;
  throw optionError(owner, option, shown, "a host name or an IP address, without scheme, port and path");
}

// Any script's letters, as the resolver takes them; nothing that a URL puts around a host.
const NAME = /^[\p{L}\p{M}\p{N}._-]+$/u;
