import { serviceKey } from "./address.ts";

/** An address that an answer named. */
export interface Found {
  readonly url: URL;
  /** Whether requests fail or are slow on the way there. */
  readonly isLead: boolean;
}

/** One address to ask. */
export interface Step {
  readonly url: URL;
  /** Whether it is where the trail goes on: given, or found by a lead. */
  readonly onTrail: boolean;
}

// Addresses on well ways are bounded: a client of thousands of hosts must not turn this into a scan.
const MAX_BESIDE = 64;
// And so are leads: where everything fails, more would not tell more.
const MAX_LEADS = 1_000;

/**
 * Whom to ask next: leads first and those beside them (called by whom the trail leads to), the others when there is
 * nothing better.
 */
export class Frontier {
  readonly #known = new Set<string>();
  readonly #later = new Map<string, URL>();
  #next: Step[] = [];
  #leads = 0;
  #beside = 0;

  constructor(given: readonly URL[]) {
    for (const url of given) if (this.#addNew(url)) this.#next.push({ url, onTrail: true });
  }

  /** Whether the trail goes on. */
  get hasNext(): boolean {
    return this.#next.length > 0;
  }

  /** Addresses that nobody was sent to. */
  get notAsked(): readonly string[] {
    return [...this.#later.values()].map(({ host }) => host);
  }

  /** The next round. */
  take(): Step[] {
    const round = this.#next;
    this.#next = [];
    return round;
  }

  /** The answer of a step named these. */
  found(step: Step, all: readonly Found[]): void {
    for (const { url, isLead } of all) {
      const key = serviceKey(url);
      const isNew = this.#addNew(url);
      if (!isNew && !(isLead && this.#later.has(key))) continue;
      if (isLead && this.#leads < MAX_LEADS) {
        this.#leads++;
        this.#later.delete(key);
        this.#next.push({ url, onTrail: true });
      } else if (step.onTrail && this.#beside < MAX_BESIDE) {
        this.#beside++;
        this.#next.push({ url, onTrail: false });
      } else this.#later.set(key, url);
    }
  }

  /** Lets the others be asked, as many as the bound allows. */
  widen(): void {
    for (const [key, url] of [...this.#later].slice(0, MAX_BESIDE - this.#beside)) {
      this.#beside++;
      this.#later.delete(key);
      this.#next.push({ url, onTrail: false });
    }
  }

  #addNew(url: URL): boolean {
    return this.#known.size < this.#known.add(serviceKey(url)).size;
  }
}
