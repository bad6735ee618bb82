import type { IncomingMessage } from "node:http";
import { type Context, context, propagation } from "@opentelemetry/api";
import {
  DEBUG_BAGGAGE_KEY,
  DEBUG_HEADER,
  debugTokenExpiry,
  optionError,
  verifyDebugToken,
} from "@whodunit/core";

const SECRET_MIN_LENGTH = 16;
// A verdict is looked at again after so long, because tokens expire; the HMAC is too dear for each line.
const VERDICT_MS = 1_000;
const VERDICTS_MAX = 100;

interface Verdict {
  readonly good: boolean;
  readonly until: number;
}

/** Decides whether the running code belongs to a request that carries a good debug token. */
export class DebugTokens {
  readonly #secret: string;
  readonly #verdicts = new Map<string, Verdict>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Whether the active baggage carries a good token. It is a claim, so it is verified in every service. */
  get active(): boolean {
    return this.#accepts(propagation.getActiveBaggage()?.getEntry(DEBUG_BAGGAGE_KEY)?.value);
  }

  /** Whether a request has a good token in its header. */
  accepts(request: IncomingMessage): boolean {
    const token = request.headers[DEBUG_HEADER];
    return typeof token === "string" && this.#accepts(token);
  }

  #accepts(token: string | undefined): boolean {
    if (token === undefined) return false;
    const now = Date.now();
    const known = this.#verdicts.get(token);
    if (known !== undefined && now < known.until) return known.good;
    const good = verifyDebugToken(this.#secret, token, now);
    if (this.#verdicts.size >= VERDICTS_MAX) this.#verdicts.clear();
    const until = good ? Math.min(now + VERDICT_MS, debugTokenExpiry(token)) : now + VERDICT_MS;
    this.#verdicts.set(token, { good, until });
    return good;
  }
}

/**
 * The debug tokens of this process; undefined without `WHODUNIT_DEBUG_SECRET`, when no request can ask for debug.
 *
 * @throws TypeError when the secret is too short
 */
export function debugTokens(): DebugTokens | undefined {
  const secret = process.env.WHODUNIT_DEBUG_SECRET;
  if (!secret) return undefined;
  if (secret.length < SECRET_MIN_LENGTH) {
    const wanted = `at least ${SECRET_MIN_LENGTH} characters`;
    throw optionError("createLogger", "WHODUNIT_DEBUG_SECRET", "(withheld)", wanted);
  }
  return new DebugTokens(secret);
}

/** The active context with the request's token in its baggage, so that it reaches the services called. */
export function carryingToken(request: IncomingMessage): Context {
  const active = context.active();
  const baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
  const token = request.headers[DEBUG_HEADER];
  if (typeof token !== "string" || baggage.getEntry(DEBUG_BAGGAGE_KEY) !== undefined) return active;
  return propagation.setBaggage(active, baggage.setEntry(DEBUG_BAGGAGE_KEY, { value: token }));
}
