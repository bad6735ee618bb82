import { isIP } from "node:net";
import { type Check, lazily, ofType, optionError } from "@whodunit/core";

const WITHHELD = "(withheld)";

// Fetch standard, "port blocking": of other protocols, and asked by nobody over HTTP.
const BLOCKED_PORTS: ReadonlySet<string> = new Set(
  (
    "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 " +
    "139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 " +
    "1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"
  ).split(" "),
);

/**
 * Checks an address to be asked by `fetch`, which refuses user and password in it and the ports of other protocols;
 * `isAskedOtherwise`: by something else that may know those ports.
 *
 * @throws TypeError naming the option; the value is withheld, it may hold a password
 */
export function checkUrl(owner: string, url: unknown, isAskedOtherwise: boolean = false): URL {
  const parsed = URL.parse(String(url));
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") {
    throw optionError(owner, "url", WITHHELD, "an http(s) URL");
  }
  if (parsed.username !== "" || parsed.password !== "") {
    const wanted = "an http(s) URL without user and password: they belong in the header authorization";
    throw optionError(owner, "url", WITHHELD, wanted);
  }
  if (!isAskedOtherwise && BLOCKED_PORTS.has(parsed.port)) {
    const wanted = `an http(s) URL whose port fetch asks: it refuses ${parsed.port} (Fetch standard, "port blocking")`;
    throw optionError(owner, "url", WITHHELD, wanted);
  }
  return parsed;
}

/** Checks the headers to be sent. @throws TypeError naming the option; the values are withheld, they may be secret */
export const headersOfHttp: Check = (owner, option, headers) => {
  ofType("object")(owner, option, headers);
  try {
    new Headers((headers ?? {}) as Record<string, string>);
  } catch {
    throw optionError(owner, option, WITHHELD, "names and values that HTTP allows in a header");
  }
};

/** Checks the name of a host to connect to. @throws TypeError naming the option */
export const hostNameOrAddress: Check = (owner, option, host) => {
  if (
    typeof host === "string" &&
    host.length <= 253 &&
    (isIP(host) !== 0 || ASCII_NAME.test(host) || anyName().test(host))
  )
    return;
  const shown = typeof host === "string" && host.includes("@") ? WITHHELD : host;
  throw optionError(owner, option, shown, "a host name or an IP address, without scheme, port and path");
};

// Labels of any script's letters, as the resolver takes them; nothing that a URL puts around a host.
const ASCII_NAME = /^(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?$/;
const anyName = lazily(() => /^(?:[\p{L}\p{M}\p{N}_-]{1,63}\.)*[\p{L}\p{M}\p{N}_-]{1,63}\.?$/u);
