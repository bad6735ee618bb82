import type { IncomingMessage } from "node:http";
import { anything, checkShape, ofType, optionError, type Shape } from "../text/options.ts";

/** Who may reach an admin route (`/debug/*`). */
export interface GuardOptions {
  /** The bearer token that opens the route. Default: `WHODUNIT_TOKEN`; at least 16 characters. */
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
const net = (): typeof import("node:net") => process.getBuiltinModule("node:net");

const TOKEN_MIN_LENGTH = 16;
const FORWARDED = /^(?:forwarded|via|x-real-ip|x-forwarded(?:-.*)?)$/;

/**
 * Builds the guard of the admin routes. A request passes with the token, by the service's own `authorize`,
 * or, outside production only, from loopback. Loopback counts only when the Host is loopback too and nothing
 * says that a proxy stands between: a proxy on the same machine is not a friend.
 *
 * @param owner who is named in errors
 * @throws TypeError when an option is unknown, `authorize` is no function, or `token`, or `WHODUNIT_TOKEN`, is shorter
 *   than 16 characters
 */
export function createGuard(options: GuardOptions = {}, owner: string = "createGuard"): Guard {
  checkShape(owner, options, GUARD_SHAPE);
  const token = options.token ?? (process.env.WHODUNIT_TOKEN || undefined);
  if (token !== undefined && (typeof token !== "string" || token.length < TOKEN_MIN_LENGTH)) {
    // The value is a secret, or was meant to be: it is not said.
    const wanted = `at least ${TOKEN_MIN_LENGTH} characters`;
    if (options.token !== undefined) throw optionError(owner, "token", "(withheld)", wanted);
    throw new TypeError(`${owner}: WHODUNIT_TOKEN is too short, want ${wanted}`);
  }
  const { authorize } = options;
  const production = process.env.NODE_ENV === "production";
  const expected = token === undefined ? undefined : digest(token);

  return {
    enabled: !production || expected !== undefined || authorize !== undefined,
    async admits(request) {
      try {
        if (expected !== undefined && holdsToken(request, expected)) return true;
        if (authorize !== undefined && (await authorize(request)) === true) return true;
        return !production && isLocal(request);
      } catch {
        return false;
      }
    },
  };
}

const digest = (text: string): Buffer => crypto().createHash("sha256").update(text).digest();

function holdsToken(request: IncomingMessage, expected: Buffer): boolean {
  const [scheme, given] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || given === undefined) return false;
  // Equal lengths by hashing, so that the comparison takes the same time whatever was given.
  return crypto().timingSafeEqual(digest(given), expected);
}

function isLocal(request: IncomingMessage): boolean {
  // nginx speaks HTTP/1.0 to its upstream unless told otherwise, with Host set to the upstream's address
  // (nginx manual, proxy_http_version and proxy_set_header): the version is all that gives it away.
  if (request.httpVersionMajor === 1 && request.httpVersionMinor === 0) return false;
  for (const name of Object.keys(request.headers)) if (FORWARDED.test(name)) return false;
  return isLoopbackAddress(request.socket.remoteAddress ?? "") && isLoopbackHost(request.headers.host ?? "");
}

function isLoopbackAddress(address: string): boolean {
  const v4 = address.startsWith("::ffff:") ? address.slice(7) : address;
  return address === "::1" || (net().isIP(v4) === 4 && v4.startsWith("127."));
}

// A Host that is a name other than localhost may point here by DNS rebinding.
function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, "");
  return name === "localhost" || name === "[::1]" || isLoopbackAddress(name);
}
