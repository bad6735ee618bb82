import { type Context, propagation } from "@opentelemetry/api";
import { DEBUG_BAGGAGE_KEY, DEBUG_HEADER, verifyDebugToken } from "@whodunit/core";
import { forceSampling } from "./sampler.ts";

const PER_SECOND = 10;

/**
 * Debug of one request: a signed token in the header, or in the baggage of a service before us, has the request
 * sampled here and goes on in the baggage. At most ten requests a second: a token must not become a load.
 */
export class DebugRequests {
  readonly #secret: string;
  #second = 0;
  #count = 0;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The context to start the server span in, and the one to go on with; both as given without a valid token. */
  enter(
    parent: Context,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): { readonly start: Context; readonly goOn: Context } {
    const baggage = propagation.getBaggage(parent);
    // What stands in the baggage is a claim as much as the header is: both are verified, in every service.
    const token = [headers[DEBUG_HEADER], baggage?.getEntry(DEBUG_BAGGAGE_KEY)?.value].find((one) =>
      this.#isValid(one),
    );
    if (token === undefined) return { start: parent, goOn: parent };
    const entry = { value: token as string };
    const carried = (baggage ?? propagation.createBaggage()).setEntry(DEBUG_BAGGAGE_KEY, entry);
    const goOn = propagation.setBaggage(parent, carried);
    return { start: this.#admits() ? forceSampling(goOn, true) : goOn, goOn };
  }

  #isValid(token: unknown): boolean {
    return typeof token === "string" && verifyDebugToken(this.#secret, token);
  }

  #admits(): boolean {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    return this.#count++ < PER_SECOND;
  }
}
