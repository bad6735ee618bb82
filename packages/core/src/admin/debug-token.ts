import { checkInteger, optionError } from "../text/options.ts";

/** The request header that carries a debug token. */
export const DEBUG_HEADER = "whodunit-debug";

/** The baggage entry that carries a debug token on to the services a request reaches. */
export const DEBUG_BAGGAGE_KEY = "whodunit.debug";

// Loaded when a token is made or seen: for most it would double what it costs to import this package.
const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

const SECRET_MIN_LENGTH = 16;
const TOKEN = /^[0-9a-z]{1,11}\.[\w-]{12}\.[\w-]{43}$/;

/** How long a debug token is good for. */
export interface DebugTokenOptions {
  /** Lifetime in milliseconds, from 1 s to 24 h. @default 600_000 */
  readonly ttlMs?: number;
}

/**
 * Makes a token that turns debug on for one request in every service it reaches: `<expiry>.<nonce>.<HMAC-SHA256>`,
 * the expiry in milliseconds since 1970, base 36. It fits a header and a baggage value as it is.
 *
 * @throws TypeError when the secret is shorter than 16 characters or `ttlMs` is out of range
 */
export function createDebugToken(secret: string, options: DebugTokenOptions = {}): string {
  if (typeof secret !== "string" || secret.length < SECRET_MIN_LENGTH) {
    throw optionError("createDebugToken", "secret", "(withheld)", `at least ${SECRET_MIN_LENGTH} characters`);
  }
  checkInteger("createDebugToken", "ttlMs", options.ttlMs, 1_000, 86_400_000);
  const expiry = (Date.now() + (options.ttlMs ?? 600_000)).toString(36);
  const claim = `${expiry}.${crypto().randomBytes(9).toString("base64url")}`;
  return `${claim}.${signatureOf(secret, claim)}`;
}

/** Whether `token` was signed with `secret` and has not expired. Anything else, of any shape, is false. */
export function verifyDebugToken(secret: string, token: string, nowMs: number = Date.now()): boolean {
  if (secret.length < SECRET_MIN_LENGTH || !TOKEN.test(token)) return false;
  const cut = token.lastIndexOf(".");
  const signed = signatureOf(secret, token.slice(0, cut));
  // Compared as texts: four texts decode to the bytes of a signature, and one of them is the token.
  if (!crypto().timingSafeEqual(Buffer.from(signed), Buffer.from(token.slice(cut + 1)))) return false;
  return debugTokenExpiry(token) > nowMs;
}

/** When a token expires that {@link verifyDebugToken} has taken, in milliseconds since the epoch. */
export function debugTokenExpiry(token: string): number {
  return Number.parseInt(token, 36);
}

const signatureOf = (secret: string, claim: string): string =>
  crypto().createHmac("sha256", secret).update(`whodunit-debug-v1.${claim}`).digest("base64url");
