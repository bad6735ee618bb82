import { ALNUM, ALPHA, DASH, DIGIT, isAt, isInWord, LOCAL, runStart, STOP, wordStart } from "./chars.ts";
import { type Detector, DIGITS } from "./detector.ts";
import { isRandomWord } from "./random-word.ts";

const LOCAL_MAX = 64;
const DOMAIN_MAX = 253;
const USERINFO_MAX = 512;
const NOT_IN_USERINFO = '@"`<>\\';
const PHONE_DIGITS_MIN = 8;
const PHONE_DIGITS_MAX = 15;

// What stands behind an @ and looks like a domain in `icon@2x.png`, `left-pad@1.3.0.tgz` or `getty@tty1.service`.
const FILE_ENDINGS: ReadonlySet<string> = new Set(
  "png jpg jpeg gif svg webp ico css js mjs cjs jsx ts tsx json map tgz gz tar html yml yaml lock service".split(
    " ",
  ),
);

/** E-mail addresses. */
export const email: Detector = {
  triggers: [["@"]],
  find(text, index) {
    const start = text[index - 1] === '"' ? quotedStart(text, index - 1) : localStart(text, index);
    if (start === index || start === -1) return undefined;
    const end = domainEnd(text, index + 1);
    // `git@host` is how everybody spells a repository: it names nobody.
    if (end === 0 || text.slice(start, index) === "git") return undefined;
    return { start, end, kind: "email" };
  },
};

// `"ada lovelace"@example.org` (RFC 5321, section 4.1.2); -1 when there is none.
function quotedStart(text: string, close: number): number {
  let start = close - 1;
  while (start > 0 && close - start < LOCAL_MAX && text[start] !== '"' && text[start] !== "\n") start--;
  const isOpen = text[start] === '"' && close - start > 1 && !isAt(text, start - 1, ALNUM);
  return isOpen ? (text[start - 1] === "\\" ? start - 1 : start) : -1;
}

const isOther = (text: string, index: number): boolean => text.charCodeAt(index) > 127;

function localStart(text: string, at: number): number {
  const limit = Math.max(0, at - LOCAL_MAX);
  let start = at;
  while (start > limit && (isAt(text, start - 1, ALNUM | LOCAL) || isOther(text, start - 1))) start--;
  return wordStart(text, start);
}

/** The end of the domain name from `start`; 0 when there is none with a dot and a top-level domain of letters. */
function domainEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + DOMAIN_MAX);
  let labelStart = start;
  let end = 0;
  for (let i = start; i <= limit; i++) {
    if (i < limit && (isAt(text, i, ALNUM) || text[i] === "-" || isOther(text, i))) continue;
    if (i === labelStart) break;
    if (labelStart > start && isTopLevel(text, labelStart, i)) end = i;
    if (text[i] !== ".") break;
    labelStart = i + 1;
  }
  return end;
}

function isTopLevel(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < 2 || length > 24) return false;
  for (let i = start; i < end; i++) {
    if (!isAt(text, i, ALPHA) && !isOther(text, i) && !text.startsWith("xn--", start)) return false;
  }
  return !FILE_ENDINGS.has(text.slice(start, end).toLowerCase());
}

/** `user:password@` in a URL, with `/` or `@` in the password too, as people paste them. */
export const userinfo: Detector = {
  triggers: [["@"]],
  find(text, index) {
    const start = authorityStart(text, index);
    const bare = start === 0 ? (oracleStart(text, index) ?? bareStart(text, index)) : undefined;
    if (bare !== undefined) return { start: bare, end: index, kind: "userinfo" };
    if (start === 0 || start === index || !isUserinfo(text.slice(start, index), schemeBefore(text, start)))
      return undefined;
    let end = index;
    for (let i = index + 1; i < text.length && i < index + USERINFO_MAX; i++) {
      if (isAt(text, i, STOP) || text[i] === "/" || text[i] === "?" || text[i] === "#") break;
      if (text[i] === "@") end = i;
    }
    return { start, end: passwordEnd(text, start, end), kind: "userinfo" };
  },
};

/** The character after `://` (or `:\/\/`, as some JSON has it) in front of `index`; 0 when there is none near. */
function authorityStart(text: string, index: number): number {
  const limit = Math.max(3, index - USERINFO_MAX);
  for (let i = index; i >= limit; i--) {
    if (text[i - 1] === "/" && (text.startsWith("://", i - 3) || text.startsWith(":\\/\\/", i - 5))) return i;
    // What an earlier @ has in front of it was judged there.
    if (text.charCodeAt(i - 1) < 33 || NOT_IN_USERINFO.includes(text[i - 1]!)) return 0;
  }
  return 0;
}

// Where no path of the web follows, an @ in front of a host ends the password, whatever it holds: `://u:p@s/s@host/db`.
function passwordEnd(text: string, start: number, end: number): number {
  if (!text.slice(start, end).includes(":") || WEB.test(schemeBefore(text, start))) return end;
  const further = FURTHER.exec(text.slice(end + 1, end + PASSWORD_MAX))?.[0].length;
  return further === undefined ? end : end + further;
}

const PASSWORD_MAX = 96;
const FURTHER =
  /^[^\s"'<>`\\@=]{0,64}[/?#][^\s"'<>`\\@=]{0,64}@(?=[A-Za-z\d][\w.-]{0,96}(?::\d{1,5})?(?:[/?#,\s"']|$))/;

/** The same of `jdbc:oracle:thin:ada/x@host`, which has no slashes. */
function oracleStart(text: string, index: number): number | undefined {
  if (!text.slice(Math.max(0, index - PASSWORD_NEAR), index).includes("/")) return undefined;
  const from = Math.max(0, index - ORACLE_MAX);
  const user = /\bjdbc:oracle:\w{1,8}:([^\s/@:]{1,64}\/[^\s@]{1,64})$/.exec(text.slice(from, index))?.[1];
  return user === undefined ? undefined : index - user.length;
}

// `ada:x1@host` and `connect ada/x1@orcl`, as drivers say where they went: with a password that no name or version is.
function bareStart(text: string, index: number): number | undefined {
  if (!isAt(text, index + 1, ALPHA) || DIGESTED.test(text.slice(index + 1, index + 9))) return undefined;
  let at = index;
  while (at > 0 && index - at < LOCAL_MAX && !isAt(text, at - 1, STOP) && !"@:/".includes(text[at - 1]!))
    at--;
  if (text[at - 1] !== ":" && text[at - 1] !== "/") return undefined;
  const front = text.slice(Math.max(0, index - BARE_MAX), index);
  const found = BARE.exec(front) ?? BARE_ORACLE.exec(front);
  if (found === null) return undefined;
  const isSure = NETWORK.test(text.slice(index + 1, index + 18)) || isRandomWord(found[2]!, BARE_MIN);
  return isSure ? index - found[1]!.length : undefined;
}

// As Go's drivers of MySQL say where a database is: `ada:x@tcp(db:3306)/shop`.
const NETWORK = /^(?:tcp[46]?|udp|unix|cloudsql)\(/;

const BARE_MAX = 128;
const BARE_MIN = 5;
const BARE = /(?:^|[\s"'`(=,:]|\/\/)([A-Za-z][\w.%+-]{0,63}:([^\s"'`/:@<>\\]{1,64}))$/;
const BARE_ORACLE =
  /\b(?:conn(?:ect)?|denied|logon|login|sqlplus)\s{1,4}([A-Za-z]\w{0,31}\/([^\s"'`/:@<>\\]{1,64}))$/i;
const DIGESTED = /^(?:sha|md)\d/;
const ORACLE_MAX = 160;
const PASSWORD_NEAR = 32;
const SCHEME_MAX = 16;
const PORT_MAX = 65_535;
const USUAL_PORTS: ReadonlySet<string> = new Set("80 443 3000 5000 8000 8080 8443".split(" "));
const WEB = /^(?:https?|wss?)$/i;

const schemeBefore = (text: string, start: number): string =>
  /[a-z][a-z\d+.-]{0,15}(?=:)/i.exec(text.slice(Math.max(0, start - SCHEME_MAX - 5), start))?.[0] ?? "";

// A slash ends the authority, so `https://host:80/@anna` has no userinfo, and a comma may end the URL: in
// `://u:pa/s,s@host` the colon shows that they were meant.
function isUserinfo(text: string, scheme: string): boolean {
  const delimiter = text.search(/[/?#&,;'(){}[\]]/);
  if (delimiter === -1) return true;
  const colon = text.indexOf(":");
  if (colon === -1 || colon > delimiter) return false;
  const digits = text.slice(colon + 1, delimiter);
  return !/^\d*$/.test(digits) || (digits !== "" && isPassword(digits, text.slice(delimiter), scheme));
}

/** Whether digits between a colon and a separator are the beginning of a password, and not a port. */
function isPassword(digits: string, rest: string, scheme: string): boolean {
  if (digits.startsWith("0") || Number(digits) > PORT_MAX) return true;
  if (/[)}\]]/.test(rest[0]!)) return false;
  // Behind the port of a web server stands a path, which may hold an @. Elsewhere that is rare.
  if ("/?#".includes(rest[0]!)) return !WEB.test(scheme) && !/[,;=&/]/.test(rest.slice(1));
  return !USUAL_PORTS.has(digits) && !/[/:=]/.test(rest);
}

/** Phone numbers in international form (E.164): `+`, 8 to 15 digits, in groups or not. */
export const phone: Detector = {
  triggers: [["+", "123456789"]],
  find(text, index) {
    if (isInWord(text, index - 1) || text[index - 2] === "+" || text[index - 2] === "_") return undefined;
    let digits = 0;
    let last = index;
    let end = 0;
    for (let i = index; i < text.length && i - last < 3 && digits < PHONE_DIGITS_MAX; i++) {
      if (isAt(text, i, DIGIT)) {
        digits++;
        last = i + 1;
        // Further numbers may follow: the phone number ends with the last group that fits.
        if (digits >= PHONE_DIGITS_MIN && !isAt(text, last, ALNUM)) end = last;
      } else if (!" .()-/\u2010\u2011\u2012\u2013\u00a0\u202f".includes(text[i]!)) break;
    }
    return end === 0 ? undefined : { start: index - 1, end, kind: "phone" };
  },
};

const IP_MAX = 45;

/** IPv4 and IPv6 addresses. Called at each separator, it looks on from the first one only. */
export const ip: Detector = {
  triggers: [
    [DIGITS, "."],
    [`${DIGITS}abcdefABCDEF:`, ":"],
  ],
  find(text, index) {
    const start = text[index - 1] === ":" ? index - 1 : wordStart(text, runStart(text, index, ALNUM, 4));
    if (
      isInWord(text, start) ||
      isAt(text, start - 1, DASH) ||
      text[start - 1] === "." ||
      text[start - 1] === ":"
    )
      return undefined;
    let end = index;
    while (end - start < IP_MAX && (isAt(text, end, ALNUM) || text[end] === "." || text[end] === ":")) end++;
    while (text[end - 1] === ".") end--;
    const address = text.slice(start, end);
    // A network (`10.20.30.0/24`) is nobody's address.
    const network = text[end] === "/" && (text[end - 1] === ":" || text.startsWith(".0", end - 2));
    if (network || isAt(text, end, DASH)) return undefined;
    if (process.getBuiltinModule("node:net").isIP(address) !== 0) return { start, end, kind: "ip" };
    const port = address.lastIndexOf(":");
    return process.getBuiltinModule("node:net").isIP(address.slice(0, port)) === 4
      ? { start, end: start + port, kind: "ip" }
      : undefined;
  },
};
