import type { TrafficSide } from "./series.ts";

/**
 * A request that has begun and has no answer yet. Each is a link of the list of all: a Set would make itself anew every few
 * requests, and has to have a hash of each.
 */
export abstract class Unanswered {
  /** @internal Whether it is in the list. */
  listed: boolean;
  /** @internal Its neighbours there. */
  earlier: Unanswered | undefined;
  /** @internal */
  later: Unanswered | undefined;

  // Written out: one that the class has by itself is called past the engine's compilers, at every request.
  constructor() {
    this.listed = false;
    this.earlier = undefined;
    this.later = undefined;
  }

  /** When it began, as `performance.now()`. */
  abstract readonly startedAtMs: number;

  /** Who waits for whom; undefined where its answer has begun, or it is not counted. */
  abstract waitsFor():
    | { readonly side: TrafficSide; readonly peer: string; readonly route: string }
    | undefined;
}

/** What waits is told from here on: most is answered long before. */
const SHOWN_FROM_MS = 5_000;
// What was never told to have ended must not be shown for ever: no longer than the longest window.
const FORGOTTEN_AFTER_MS = 600_000;
const KEPT_MAX = 10_000;

/** The requests and calls under way. One that never ends would be counted nowhere, for all are counted at their end. */
export class UnansweredRequests {
  // In the order in which they began.
  #first: Unanswered | undefined;
  #last: Unanswered | undefined;
  #count = 0;

  add(one: Unanswered): void {
    if (one.listed) return;
    if (this.#count >= KEPT_MAX) this.delete(this.#first as Unanswered);
    one.listed = true;
    one.earlier = this.#last;
    if (this.#last === undefined) this.#first = one;
    else this.#last.later = one;
    this.#last = one;
    this.#count++;
  }

  delete(one: Unanswered): void {
    if (!one.listed) return;
    const { earlier, later } = one;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    one.listed = false;
    one.earlier = undefined;
    one.later = undefined;
    this.#count--;
  }

  /** Those that have waited for five seconds or more, and for how long. */
  *late(nowMs: number): Iterable<{ readonly one: Unanswered; readonly waitedMs: number }> {
    for (let one = this.#first, next = one; one !== undefined; one = next) {
      next = one.later;
      const waitedMs = nowMs - one.startedAtMs;
      if (waitedMs < SHOWN_FROM_MS) return;
      if (waitedMs > FORGOTTEN_AFTER_MS) this.delete(one);
      else yield { one, waitedMs };
    }
  }
}
