import {
  ALNUM,
  createRandom,
  DIGITS,
  HEX,
  LOWER,
  type Random,
  UPPER,
} from "../../../../test/helpers/random.ts";

const uuid = (r: Random): string => [8, 4, 4, 4, 12].map((length) => r.chars(length, HEX)).join("-");
const word = (r: Random): string => r.chars(r.integer(2, 9), LOWER);
const words = (r: Random, count: number): string => Array.from({ length: count }, () => word(r)).join(" ");
const number = (r: Random, max: number): string => String(r.integer(0, max));
const two = (r: Random, max: number): string => String(r.integer(1, max)).padStart(2, "0");
const date = (r: Random): string => `20${two(r, 30)}-${two(r, 12)}-${two(r, 28)}`;
const time = (r: Random): string => `${two(r, 23)}:${two(r, 59)}:${two(r, 59)}`;
const semver = (r: Random): string => `${number(r, 30)}.${number(r, 99)}.${number(r, 400)}`;
const path = (r: Random): string => `/${word(r)}/${word(r)}/${word(r)}`;
const ip = (r: Random): string => [1, 2, 3, 4].map(() => number(r, 255)).join(".");

/** Keys that hold the name of a secret and are none. */
export const INNOCENT: readonly string[] = [
  "author",
  "keyboard",
  "monkey",
  "shipping_id",
  "tokenCount",
  "passport_office",
  "passwordless",
  "secretary",
  "max_tokens",
  "cookieless",
  "authority",
  "sessionTimeout",
  "emailVerified",
  "primaryKey",
  "cacheKey",
  "ipAddress",
  "microphone",
  "hasPassword1Field",
  "spin",
  "opinion",
  "company",
  "signatureAlgorithm",
  "idempotency_key",
  "compass",
  "trespass",
  "pass_rate",
  "render_pass",
  "cookieConsent",
];

/** Texts that hold no secret, by class: each may look like one to a careless pattern. */
const CLASSES: Readonly<Record<string, (r: Random) => string>> = {
  uuid,
  "uuid in upper case": (r) => uuid(r).toUpperCase(),
  md5: (r) => r.chars(32, HEX),
  sha1: (r) => r.chars(40, HEX),
  "sha256 in upper case": (r) => r.chars(64, HEX).toUpperCase(),
  "image digest": (r) => `registry.local/${word(r)}@sha256:${r.chars(64, HEX)}`,
  "digest of a file": (r) =>
    `${r.pick(["Digest", "content digest", "pulled, digest"])} ${r.pick(["sha256:", ""])}${r.chars(64, HEX)}`,
  base64: (r) => Buffer.from(r.chars(r.integer(12, 60), ALNUM)).toString("base64"),
  "base64url id": (r) => r.chars(21, `${ALNUM}-_`),
  ulid: (r) => `01${r.chars(24, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")}`,
  "object id": (r) => r.chars(24, HEX),
  traceparent: (r) => `00-${r.chars(32, HEX)}-${r.chars(16, HEX)}-01`,
  "ISO timestamp": (r) => `${date(r)}T${time(r)}.${r.chars(3, DIGITS)}${r.pick(["Z", "+02:00", "-05:30"])}`,
  "date and time": (r) => `${date(r)} ${time(r)},${r.chars(3, DIGITS)} [${word(r)}] ${words(r, 3)}`,
  "epoch milliseconds": (r) => `1${r.chars(12, DIGITS)}`,
  "HTTP date": (r) => `${r.pick(["Mon", "Tue"])}, ${two(r, 28)} Nov 2026 ${time(r)} GMT`,
  version: (r) => `${word(r)}@${semver(r)}${r.pick(["", "-rc.1", "+build.7"])}`,
  tarball: (r) => `https://packages.local/@${word(r)}/${word(r)}/-/${word(r)}-${semver(r)}.tgz`,
  "file path": (r) =>
    `/srv${path(r)}/${word(r)}.${r.pick(["ts", "js", "json", "log"])}:${number(r, 900)}:${number(r, 80)}`,
  "Windows path": (r) => `C:\\${word(r)}\\${word(r)}\\${word(r)}.exe`,
  "retina image": (r) => `/img/${word(r)}@${r.integer(2, 3)}x.png`,
  repository: (r) => `git@code.local:${word(r)}/${word(r)}.git`,
  URL: (r) =>
    `https://${word(r)}.example.com:8443${path(r)}?page=${number(r, 99)}&sort=${word(r)}#${word(r)}`,
  "URL with a blank": (r) =>
    `https://${word(r)}.example.com${path(r)}?q=${word(r)}%20${word(r)}&n=${number(r, 99)}`,
  "handle in a URL": (r) => `https://social.example/@${word(r)}/${number(r, 1e9)}`,
  "user agent": (r) =>
    `Mozilla/5.0 (X11; Linux x86_64; rv:${number(r, 140)}.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${number(r, 140)}.0.${number(r, 9999)}.${number(r, 200)} Safari/537.36`,
  "request line": (r) => `${r.pick(["GET", "POST"])} ${path(r)}/:id ${number(r, 599)} ${number(r, 9999)}ms`,
  "cache header": (r) => `cache-control: max-age=${number(r, 99999)}, etag: W/"${r.chars(16, HEX)}"`,
  "innocent key": (r) => `${r.pick(INNOCENT)}${r.pick(["=", ": ", "="])}${word(r)}`,
  "innocent key in JSON": (r) =>
    JSON.stringify({ [r.pick(INNOCENT)]: word(r), [r.pick(INNOCENT)]: r.integer(1, 9999) }),
  prose: (r) => `the ${word(r)} of ${words(r, 4)} was ${word(r)}, not ${words(r, 2)}.`,
  "prose about secrets": (r) =>
    `${r.pick(["Invalid token", "password: must be longer", "the session of the user expired", "Basic authentication failed", "Bearer token required", "token: expired", "no cookie was sent", "secret: missing", "a private key is required"])} ${words(r, 3)}`,
  "error message": (r) =>
    `TypeError: Cannot read properties of undefined (reading '${word(r)}') at ${word(r)}`,
  "stack frame": (r) =>
    `    at async ${word(r)}.${word(r)} (file:///app/src/${word(r)}.ts:${number(r, 900)}:${number(r, 80)})`,
  SQL: (r) =>
    `SELECT ${word(r)}, ${word(r)} FROM ${word(r)} WHERE ${word(r)}_id = $1 AND created_at > '${date(r)}'`,
  address: (r) => `${ip(r)}:${number(r, 65535)}`,
  IPv6: (r) => `[${[1, 2, 3, 4].map(() => r.chars(4, HEX)).join(":")}::1]:${number(r, 65535)}`,
  "MAC address": (r) => [1, 2, 3, 4, 5, 6].map(() => r.chars(2, HEX)).join(":"),
  "host name": (r) =>
    `${word(r)}-${r.chars(9, HEX)}-${r.chars(5, LOWER + DIGITS)}.${word(r)}.svc.cluster.local`,
  ARN: (r) => `arn:aws:iam::${r.chars(12, DIGITS)}:role/${word(r)}`,
  "order number": (r) => `${r.chars(3, UPPER)}-${r.chars(r.integer(6, 10), DIGITS)}`,
  money: (r) => `${r.pick(["EUR", "USD"])} ${number(r, 999)},${r.chars(3, DIGITS)}.${r.chars(2, DIGITS)}`,
  decimal: (r) => `${number(r, 9)}.${r.chars(16, DIGITS)}`,
  coordinates: (r) => `${number(r, 89)}.${r.chars(6, DIGITS)}, -${number(r, 179)}.${r.chars(6, DIGITS)}`,
  ISBN: (r) => `978-${number(r, 9)}-${r.chars(4, DIGITS)}-${r.chars(4, DIGITS)}-${number(r, 9)}`,
  "small numbers": (r) => Array.from({ length: 12 }, () => number(r, 999)).join(" "),
  "local phone number": (r) => `ext. ${r.chars(3, DIGITS)} ${r.chars(4, DIGITS)}`,
  duration: (r) => `PT${number(r, 23)}H${number(r, 59)}M, ${number(r, 99999)}ms, p99=${number(r, 999)}ms`,
  "log line": (r) =>
    `level=debug msg=${word(r)}-${word(r)} status=${number(r, 599)} size=${number(r, 1e6)} route=${path(r)}`,
  identifier: (r) =>
    `${word(r)}${r.pick(["Token", "Key", "Session"])}${r.pick(["Count", "Size", "Store"])}(${word(r)})`,
  "other writing": (r) =>
    `${r.pick(["Grüße aus Köln", "こんにちは世界", "Привет мир", "🎉 ✓ —"])} ${word(r)}`,
};

/** `perClass` texts of each class, the same for the same seed. */
export function makeBenign(seed: number, perClass: number): { class: string; text: string }[] {
  const random = createRandom(seed);
  return Object.entries(CLASSES).flatMap(([name, make]) =>
    Array.from({ length: perClass }, () => ({ class: name, text: make(random) })),
  );
}

/** `count` random ids of 16 digits: one in ten has the check digit of a card. */
export function makeIds(seed: number, count: number): string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.chars(16, DIGITS));
}
