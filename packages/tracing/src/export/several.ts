import type { EndedSpan } from "../provider/ended-span.ts";
import { Accounts, type DropReason, type ExporterAccounts, type SpanAccounts } from "./accounts.ts";
import type { Destination } from "./destination.ts";

/** Several exporters, each of which gets every span. */
export class Several implements Destination {
  readonly #named: ReadonlyMap<string, Destination>;
  readonly #accounts = new Accounts();

  /** @param named the exporters by the name that accounts are given under */
  constructor(named: ReadonlyMap<string, Destination>) {
    this.#named = named;
  }

  take(span: EndedSpan): void {
    this.#accounts.ended++;
    for (const destination of this.#named.values()) destination.take(span);
  }

  countUnsampled(): void {
    this.#accounts.countUnsampled();
  }

  async flush(timeoutMs?: number): Promise<void> {
    await Promise.all([...this.#named.values()].map((destination) => destination.flush(timeoutMs)));
  }

  async close(timeoutMs: number, hurry: AbortSignal | undefined): Promise<void> {
    await Promise.all([...this.#named.values()].map((destination) => destination.close(timeoutMs, hurry)));
  }

  accounts(): SpanAccounts {
    const exporters = [...this.#named].map(([exporter, destination]): ExporterAccounts => {
      const { ended, exported, pending, dropped } = destination.accounts();
      return { exporter, given: ended, exported, pending, dropped };
    });
    const all = new Accounts();
    all.ended = this.#accounts.ended;
    all.unsampled = this.#accounts.unsampled;
    for (const { exported, pending, dropped } of exporters) {
      all.exported += exported;
      all.pending += pending;
      for (const [reason, count] of Object.entries(dropped)) all.drop(reason as DropReason, count);
    }
    return { ...all.snapshot(), exporters };
  }
}
