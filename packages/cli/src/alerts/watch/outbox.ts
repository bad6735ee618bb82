import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "./message.ts";
import type { Target } from "./targets.ts";

/** A message on its way. */
export interface Posted {
  readonly message: Message;
  /** The targets that have not got it yet. */
  readonly to: string[];
}

/** What the outbox tells. */
export interface OutboxOptions {
  readonly targets: readonly Target[];
  /** Those that were waiting when the process ended. */
  readonly waiting: readonly Posted[];
  /** Called after each message that a target took or will never take; the next one is sent when it is done. */
  readonly settled: () => Promise<void>;
  readonly tell: (text: string) => void;
  /** The pause after a first failure; it doubles up to 60 times that. @default 1_000 */
  readonly pauseMs?: number;
}

const MAX_WAITING = 2_000;
const MAX_PAUSES = 60;
// Older news are none.
const MAX_AGE_MS = 3_600_000;
const END_MS = 5_000;

/**
 * Sends each message to each target, those of an incident in order, one at a time to a target. What is not taken is tried
 * again for an hour. A target that fails does not hold up another, nor a message that is not taken those of other incidents.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Posted[];
  readonly #ending = new AbortController();
  readonly #late = new AbortController();
  readonly #loops: Promise<void>[];
  #wake = Promise.withResolvers<void>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    const names = options.targets.map(({ name }) => name as string);
    this.#waiting = options.waiting
      .map(({ message, to }) => ({ message, to: to.filter((name) => names.includes(name)) }))
      .filter(({ to }) => to.length > 0);
    this.#loops = options.targets.map((target) => this.#send(target));
  }

  get waiting(): readonly Posted[] {
    return this.#waiting;
  }

  /** Takes messages to all targets. The oldest go where there are more than 2,000. */
  add(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const to = this.#options.targets.map(({ name }) => name);
    this.#waiting.push(...messages.map((message) => ({ message, to: [...to] })));
    const more = this.#waiting.length - MAX_WAITING;
    if (more > 0) {
      this.#waiting.splice(0, more);
      this.#options.tell(`${more} messages were given up: more than ${MAX_WAITING} wait to be sent`);
    }
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** Ends what is being sent, within 5 s. What waits still does. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#wake.resolve();
    const timer = setTimeout(() => this.#late.abort(), END_MS);
    await Promise.all(this.#loops);
    clearTimeout(timer);
  }

  async #send(target: Target): Promise<void> {
    const { signal } = this.#ending;
    const { pauseMs = 1_000, tell, settled } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const posted = this.#next(target, failures);
      if (posted === undefined) {
        await this.#wake.promise;
        continue;
      }
      const sent = await target.send(posted.message, this.#late.signal);
      const isOld = Date.now() - Date.parse(posted.message.at) > MAX_AGE_MS;
      if (sent.ok || !sent.again || isOld) {
        if (!sent.ok)
          tell(`${target.name} ${sent.error}: a message of incident ${posted.message.incident} is given up`);
        failures = 0;
        posted.to.splice(posted.to.indexOf(target.name), 1);
        this.#waiting = this.#waiting.filter(({ to }) => to.length > 0);
        await settled();
        continue;
      }
      if (failures === 0) tell(`${target.name} ${sent.error}; it is tried again`);
      failures++;
      const pause = sent.waitMs ?? Math.min(pauseMs * 2 ** (failures - 1), pauseMs * MAX_PAUSES);
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  /** After failures each incident has its turn; its first message goes first. */
  #next({ name }: Target, failures: number): Posted | undefined {
    const firsts = new Map<string, Posted>();
    for (const posted of this.#waiting) {
      const { incident } = posted.message;
      if (posted.to.includes(name) && !firsts.has(incident)) firsts.set(incident, posted);
    }
    return [...firsts.values()][firsts.size === 0 ? 0 : failures % firsts.size];
  }
}
