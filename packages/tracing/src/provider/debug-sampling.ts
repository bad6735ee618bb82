import type { IncomingMessage } from "node:http";
import { type Context, propagation } from "@opentelemetry/api";
import { type DebugTokens, withDebugEntry } from "@whodunit/core";
import { forceSampling } from "./sampler.ts";

/** Debug of one request: a good token in its header or baggage has it sampled here, and goes on in the baggage. */
export class DebugRequests {
  readonly #tokens: DebugTokens;

  constructor(tokens: DebugTokens) {
    this.#tokens = tokens;
  }

  /** The context to start the server span in, and the one to go on with; both as given where it is not debugged. */
  enter(parent: Context, request: IncomingMessage): { readonly start: Context; readonly goOn: Context } {
    const baggage = propagation.getBaggage(parent);
    const token = this.#tokens.tokenOf(request, baggage);
    if (token === undefined) return { start: parent, goOn: parent };
    const carrying = withDebugEntry(baggage ?? propagation.createBaggage(), token);
    const goOn = propagation.setBaggage(parent, carrying);
    return { start: forceSampling(goOn, true), goOn };
  }
}
