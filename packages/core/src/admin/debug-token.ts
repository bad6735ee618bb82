import type { IncomingMessage } from "node:http";
import { Rate } from "../process/rate.ts";
import { checkShape, integer, optionError, type Shape } from "../text/options.ts";

/** The request header that carries a debug token. */
export const DEBUG_HEADER = "whodunit-debug";

/** The baggage entry that carries a debug token on to the services a request reaches. */
export const DEBUG_BAGGAGE_KEY = "whodunit.debug";

// Loaded when a token is made or seen: for most it would double what it costs to import this package.
const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

const SECRET_MIN_LENGTH = 16;
const SECRET_VARIABLE = "WHODUNIT_DEBUG_SECRET";
// A token must not become a load: so many requests a second are debugged in one process, log and spans together.
const SHAPE = { ttlMs: integer(1_000, 86_400_000) } satisfies Shape<DebugTokenOptions>;
const DEBUGGED_PER_SECOND = 10;
// A verdict is looked at again after so long, because tokens expire; the HMAC is too dear for each line.
const VERDICT_MS = 1_000;
const VERDICTS_MAX = 100;
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
  checkShape("createDebugToken", options, SHAPE);
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

/** What is needed of OpenTelemetry's baggage. */
export interface BaggageLike {
  /** The entry of a key, if there is one. */
  getEntry(key: string): { readonly value: string } | undefined;
  /** The same baggage with an entry more. */
  setEntry(key: string, entry: { readonly value: string }): BaggageLike;
}

/** The baggage of a request that is debugged, with its `token`: it goes on to the services that the request reaches. */
export function withDebugEntry<Baggage extends BaggageLike>(baggage: Baggage, token: string): Baggage {
  if (baggage.getEntry(DEBUG_BAGGAGE_KEY)?.value === token) return baggage;
  const carrying = baggage.setEntry(DEBUG_BAGGAGE_KEY, { value: token }) as Baggage;
  // What works in its context is part of the request, and takes no place of its own.
  debugged().decided.set(carrying, true);
  return carrying;
}

interface Verdict {
  readonly good: boolean;
  readonly untilMs: number;
}

/** Which requests of this process are debugged; one for all copies of this package. */
interface Debugged {
  readonly rate: Rate;
  readonly decided: WeakMap<object, boolean>;
}

const DEBUGGED = Symbol.for("whodunit.debugged");
const process_ = globalThis as { [DEBUGGED]?: Debugged };

/**
 * The debug tokens that a process accepts. A token is a claim, so every service verifies it; a verdict is remembered
 * for a second. At most ten requests a second are debugged, log and spans together: each is decided once, whoever asks.
 */
export class DebugTokens {
  readonly #secret: string;
  readonly #verdicts = new Map<string, Verdict>();

  /** @throws TypeError, which does not show the secret, when it is shorter than 16 characters */
  constructor(owner: string, secret: string) {
    if (secret.length < SECRET_MIN_LENGTH) {
      throw optionError(owner, SECRET_VARIABLE, "(withheld)", `at least ${SECRET_MIN_LENGTH} characters`);
    }
    this.#secret = secret;
  }

  /**
   * The tokens signed with `WHODUNIT_DEBUG_SECRET`; undefined without it, when no request can ask for debug.
   *
   * @throws TypeError when the secret is too short
   */
  static fromEnvironment(owner: string, env: NodeJS.ProcessEnv = process.env): DebugTokens | undefined {
    const secret = env[SECRET_VARIABLE];
    return secret ? new DebugTokens(owner, secret) : undefined;
  }

  /**
   * The good token that a request bears in its header or its baggage, if the request is one of those to be debugged;
   * else undefined.
   */
  tokenOf(request: IncomingMessage, baggage: BaggageLike | undefined): string | undefined {
    const header = request.headers[DEBUG_HEADER];
    const token = typeof header === "string" && this.#isGood(header) ? header : this.#goodEntry(baggage);
    if (token === undefined) return undefined;
    const admitted = admits(request);
    // Whoever asks about the baggage alone hears the same.
    if (baggage !== undefined) debugged().decided.set(baggage, admitted);
    return admitted ? token : undefined;
  }

  /** Whether the work that bears this baggage, a message of a queue for example, is to be debugged. */
  accepts(baggage: BaggageLike | undefined): boolean {
    return baggage !== undefined && this.#goodEntry(baggage) !== undefined && admits(baggage);
  }

  #goodEntry(baggage: BaggageLike | undefined): string | undefined {
    const token = baggage?.getEntry(DEBUG_BAGGAGE_KEY)?.value;
    return typeof token === "string" && this.#isGood(token) ? token : undefined;
  }

  #isGood(token: string): boolean {
    const nowMs = Date.now();
    const known = this.#verdicts.get(token);
    if (known !== undefined && nowMs < known.untilMs) return known.good;
    const good = verifyDebugToken(this.#secret, token, nowMs);
    if (this.#verdicts.size >= VERDICTS_MAX) this.#verdicts.clear();
    const again = nowMs + VERDICT_MS;
    this.#verdicts.set(token, { good, untilMs: good ? Math.min(again, debugTokenExpiry(token)) : again });
    return good;
  }
}

function debugged(): Debugged {
  process_[DEBUGGED] ??= { rate: new Rate(DEBUGGED_PER_SECOND), decided: new WeakMap() };
  return process_[DEBUGGED];
}

function admits(unit: object): boolean {
  const { rate, decided } = debugged();
  const known = decided.get(unit);
  if (known !== undefined) return known;
  const admitted = rate.admit(performance.now());
  decided.set(unit, admitted);
  return admitted;
}
