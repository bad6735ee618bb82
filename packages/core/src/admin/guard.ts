import type { IncomingMessage } from "node:http";
import { tellOperator } from "../process/standard-stream.ts";
import { anything, checkShape, ofType, optionError, type Shape } from "../text/options.ts";
import { type Answer, json } from "./answer.ts";
import { UserKey } from "./key.ts";
import { bearsSignature, isSigned } from "./signature.ts";

/** Who may reach an admin route (`/debug/*`). */
export interface GuardOptions {
  /** The bearer token that opens the route. Default: `WHODUNIT_TOKEN`; at least 16 characters of ASCII, no space. */
  readonly token?: string;
  /** The service's own rule; true opens the route. A throw or rejection is a no. */
  readonly authorize?: (request: IncomingMessage) => boolean | Promise<boolean>;
}

/** A check for each of {@link GuardOptions}, for options that extend them. */
export const GUARD_SHAPE: Shape<GuardOptions> = { token: anything, authorize: ofType("function") };

/** Decides whether an admin route exists and whether a request may reach it. */
export interface Guard {
  /** False in production without a token or `authorize`: the route is then not there at all. */
  readonly enabled: boolean;
  /** Whether this request may pass. Never throws. */
  admits(request: IncomingMessage): Promise<boolean>;
}

// Loaded with the first request to an admin route, not by those who import this package for something else.
const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

const TOKEN_MIN_LENGTH = 16;
// What stands behind "Bearer " as one word, whoever sends it: all visible characters of ASCII (RFC 9110, section 5.5).
const TOKEN = /^[\x21-\x7e]*$/;

/** What a request that may not pass is answered. */
export const UNAUTHORIZED: Answer = json(
  401,
  {
    error: "unauthorized",
    want: "the bearer token of WHODUNIT_TOKEN or, outside production, a signature by the user's key (whodunit token <url>)",
  },
  { "www-authenticate": "Bearer" },
);

/**
 * Builds the guard of the admin routes. A request passes with the token, by the service's own `authorize`, or, outside
 * production only, with a signature by the key of the user that the service runs as, which the command makes. Where it
 * comes from counts for nothing: proxies, containers and pages in a browser all come from loopback. What a page of another
 * origin asks for is refused whatever it bears.
 *
 * @param owner who is named in errors
 * @throws TypeError when an option is unknown, `authorize` is no function, or `token`, or `WHODUNIT_TOKEN`, is shorter
 *   than 16 characters or cannot stand in a header
 */
export function createGuard(options: GuardOptions = {}, owner: string = "createGuard"): Guard {
  checkShape(owner, options, GUARD_SHAPE);
  const token = options.token ?? (process.env.WHODUNIT_TOKEN || undefined);
  if (token !== undefined) checkToken(owner, options.token === undefined ? "WHODUNIT_TOKEN" : "token", token);
  const { authorize } = options;
  const production = process.env.NODE_ENV === "production";
  const expected = token === undefined ? undefined : digest(token);

  return {
    enabled: !production || expected !== undefined || authorize !== undefined,
    async admits(request) {
      try {
        if (isFromAnotherOrigin(request)) return false;
        if (expected !== undefined && holdsToken(request, expected)) return true;
        if (authorize !== undefined && (await authorize(request)) === true) return true;
        return !production && (await holdsKey(request));
      } catch {
        return false;
      }
    },
  };
}

function checkToken(owner: string, name: string, token: unknown): void {
  const isLong = typeof token === "string" && token.length >= TOKEN_MIN_LENGTH;
  if (isLong && TOKEN.test(token)) return;
  // The value is a secret, or was meant to be: it is not said.
  throw isLong
    ? optionError(owner, name, "(withheld)", `no ${unfitIn(token)}: it is sent in a header`)
    : optionError(owner, name, "(withheld)", `at least ${TOKEN_MIN_LENGTH} characters`);
}

/** What a token holds that cannot be sent; most often a file's last line break. */
function unfitIn(token: string): string {
  if (/[\r\n]/.test(token)) return /^[^\r\n]*\r?\n$/.test(token) ? "line break at its end" : "line break";
  if (/\s/.test(token)) return "space";
  return "character but the visible ones of ASCII";
}

const digest = (text: string): Buffer => crypto().createHash("sha256").update(text).digest();

function holdsToken(request: IncomingMessage, expected: Buffer): boolean {
  const [scheme, given] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || given === undefined) return false;
  // Equal lengths by hashing, so that the comparison takes the same time whatever was given.
  return crypto().timingSafeEqual(digest(given), expected);
}

const key = new UserKey();

async function holdsKey(request: IncomingMessage): Promise<boolean> {
  const known = await key.read();
  if (bearsSignature(request)) {
    if (known !== undefined && isSigned(request, known)) return true;
    const newer = await key.readAgain();
    if (newer !== undefined && newer !== known && isSigned(request, newer)) return true;
  }
  tellOnce(key.fault);
  return false;
}

let told = false;

// Another user or a container asks, or there is no key at all: both are at a loss without the word.
function tellOnce(fault: string | undefined): void {
  if (told) return;
  told = true;
  const remedy = "set WHODUNIT_TOKEN at the service and for the command";
  const text =
    fault === undefined
      ? `a request to /debug/* without a signature by this user's key was refused; where another user, a container or a browser is to ask, ${remedy}`
      : `no key to know this user's command by: ${fault}; ${remedy}`;
  tellOperator({ level: fault === undefined ? "debug" : "error", msg: "whodunit-admin-refused", text });
}

/**
 * Whether a page in a browser asks that is not of this very origin (Fetch, "Origin" and "Sec-Fetch-Site" headers). Other
 * ports of one host are the same site, and another origin. A scheme is not compared: a proxy may have ended TLS.
 */
function isFromAnotherOrigin({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  const host = headers.host ?? headers[":authority"];
  if (typeof host !== "string") return true;
  try {
    const from = new URL(origin);
    return from.host === "" || from.host !== new URL(`${from.protocol}//${host}`).host;
  } catch {
    // "null": a sandboxed frame or a file.
    return true;
  }
}
