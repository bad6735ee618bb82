import { createHash, timingSafeEqual } from "node:crypto";

/** What a request without the token is answered with: a browser asks its user for it then. */
export const CHALLENGE = 'Basic realm="whodunit view: the password is WHODUNIT_TOKEN", charset="UTF-8"';

/**
 * Whether an Authorization header bears the token: `Bearer <token>` as senders and scripts give it, or `Basic` with any
 * user and the token for a password, as a browser does. Takes as long whatever is wrong.
 */
export function bearsToken(authorization: string | undefined, token: string): boolean {
  const [, scheme = "", credentials = ""] = /^(\w+) +(\S+)$/.exec(authorization ?? "") ?? [];
  const given = scheme.toLowerCase() === "basic" ? passwordOf(credentials) : credentials;
  const isKnown = ["basic", "bearer"].includes(scheme.toLowerCase());
  return timingSafeEqual(digest(given), digest(token)) && isKnown;
}

function passwordOf(credentials: string): string {
  return Buffer.from(credentials, "base64").toString("utf8").split(/:(.*)/s)[1] ?? "";
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
